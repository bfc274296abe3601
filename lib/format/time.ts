import { type FormatLocale, NBSP } from "./numeric";

/** An instant: a Date, its ISO text, or milliseconds since 1970. */
export type Instant = Date | string | number;

export interface TimeOptions {
  locale?: FormatLocale;
  /** IANA zone the reader lives in. */
  timeZone?: string;
}

export const toDate = (instant: Instant): Date => (instant instanceof Date ? instant : new Date(instant));

const formatters = new Map<string, Intl.DateTimeFormat>();

function format(instant: Instant, options: TimeOptions, parts: Intl.DateTimeFormatOptions): string {
  const date = toDate(instant);
  if (Number.isNaN(date.getTime())) return "–";
  const { locale = "en", timeZone = "UTC" } = options;
  const key = `${locale} ${timeZone} ${JSON.stringify(parts)}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locale === "zh" ? "zh-CN" : "en-GB", {
      ...parts,
      timeZone,
      hourCycle: "h23",
    });
    formatters.set(key, formatter);
  }
  // en-GB puts "at" or a comma between date and time; a log reads better without.
  return formatter
    .format(date)
    .replace(/(,| at) /, " ")
    .replace("Sept", "Sep");
}

const TIME = { hour: "2-digit", minute: "2-digit" } as const;

/** `22 Aug 2026`, in Chinese `2026年8月22日`. */
export const formatDate = (instant: Instant, options: TimeOptions = {}): string =>
  format(instant, options, { day: "numeric", month: "short", year: "numeric" });

/** `22 Aug`, in Chinese `8月22日`. */
export const formatDay = (instant: Instant, options: TimeOptions = {}): string =>
  format(instant, options, { day: "numeric", month: "short" });

/** `14:52`. */
export const formatClock = (instant: Instant, options: TimeOptions = {}): string =>
  format(instant, options, TIME);

/** `14:52:31`. */
export const formatClockSeconds = (instant: Instant, options: TimeOptions = {}): string =>
  format(instant, options, { ...TIME, second: "2-digit" });

/** `22 Aug 2026 14:52`. */
export const formatDateTime = (instant: Instant, options: TimeOptions = {}): string =>
  format(instant, options, { day: "numeric", month: "short", year: "numeric", ...TIME });

/** With seconds and the zone's short name, for the hover: `22 Aug 2026 14:52:31 GMT+8`. */
export const formatExactTime = (instant: Instant, options: TimeOptions = {}): string =>
  format(instant, options, {
    day: "numeric",
    month: "short",
    year: "numeric",
    ...TIME,
    second: "2-digit",
    timeZoneName: "short",
  });

/** A month bucket `2026-08`, which stands for UTC: `Aug 2026`; with `short`, `Aug`. */
export function formatMonth(
  month: string,
  locale: FormatLocale = "en",
  style: "short" | "full" = "full",
): string {
  const parts: Intl.DateTimeFormatOptions =
    style === "short" ? { month: "short" } : { month: "short", year: "numeric" };
  return format(`${month}-01T00:00:00Z`, { locale, timeZone: "UTC" }, parts);
}

const DAY_MS = 86_400_000;

const AGO: Record<
  FormatLocale,
  Record<"now" | "second" | "minute" | "hour", readonly [past: string, future: string]>
> = {
  en: {
    now: ["just now", "just now"],
    second: [`#${NBSP}s ago`, `in #${NBSP}s`],
    minute: [`#${NBSP}min ago`, `in #${NBSP}min`],
    hour: [`#${NBSP}h ago`, `in #${NBSP}h`],
  },
  zh: {
    now: ["刚刚", "刚刚"],
    second: [`#${NBSP}秒前`, `#${NBSP}秒后`],
    minute: [`#${NBSP}分钟前`, `#${NBSP}分钟后`],
    hour: [`#${NBSP}小时前`, `#${NBSP}小时后`],
  },
};

/** Relative within 24 hours of `now` (`2 s ago`, `3 min ago`, `in 5 min`), else the local date and time. */
export function formatRelative(instant: Instant, now: Instant, options: TimeOptions = {}): string {
  const differenceMs = toDate(now).getTime() - toDate(instant).getTime();
  const distanceMs = Math.abs(differenceMs);
  if (Number.isNaN(distanceMs) || distanceMs >= DAY_MS) return formatDateTime(instant, options);
  const direction = differenceMs >= 0 ? 0 : 1;
  const words = AGO[options.locale ?? "en"];
  const seconds = Math.floor(distanceMs / 1000);
  if (seconds < 1) return words.now[direction];
  if (seconds < 60) return words.second[direction].replace("#", String(seconds));
  if (seconds < 3600) return words.minute[direction].replace("#", String(Math.floor(seconds / 60)));
  return words.hour[direction].replace("#", String(Math.floor(seconds / 3600)));
}
