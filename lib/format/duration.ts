import { type FormatLocale, NBSP, type Numeric, numberFormat, toNumber } from "./numeric";

type Unit = "day" | "hour" | "minute" | "second" | "millisecond";

const WORDS: Record<FormatLocale, Record<Unit, string>> = {
  en: { day: "d", hour: "h", minute: "min", second: "s", millisecond: "ms" },
  zh: { day: "天", hour: "小时", minute: "分", second: "秒", millisecond: "毫秒" },
};

const write = (amount: number | string, unit: Unit, locale: FormatLocale): string =>
  `${amount}${NBSP}${WORDS[locale][unit]}`;

/** A length of time in at most two units: `340 ms`, `4.2 s`, `12 min`, `1 h 12 min`, `3 d 4 h`. */
export function formatDuration(durationMs: Numeric, locale: FormatLocale = "en"): string {
  const ms = Math.max(0, toNumber(durationMs));
  if (ms < 999.5)
    return write(
      ms > 0 && ms < 10 ? numberFormat(locale, 0, 1).format(ms) : Math.round(ms),
      "millisecond",
      locale,
    );
  if (ms < 9_950) return write(numberFormat(locale, 0, 1).format(ms / 1000), "second", locale);
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return write(seconds, "second", locale);
  if (seconds < 600) return pair(Math.floor(seconds / 60), "minute", seconds % 60, "second", locale);
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return write(minutes, "minute", locale);
  if (minutes < 1440) return pair(Math.floor(minutes / 60), "hour", minutes % 60, "minute", locale);
  const hours = Math.round(minutes / 60);
  return pair(Math.floor(hours / 24), "day", hours % 24, "hour", locale);
}

/** A range of lengths, as an estimate is honest to give it: `24–31 min`, `1 h 10 min – 1 h 40 min`. */
export function formatDurationRange(fromMs: Numeric, untilMs: Numeric, locale: FormatLocale = "en"): string {
  const from = formatDuration(fromMs, locale);
  const until = formatDuration(untilMs, locale);
  if (from === until) return from;
  const [fromAmount, fromUnit, ...fromRest] = from.split(NBSP);
  const [untilAmount, untilUnit, ...untilRest] = until.split(NBSP);
  const single = fromRest.length === 0 && untilRest.length === 0 && fromUnit === untilUnit;
  return single ? `${fromAmount}–${untilAmount}${NBSP}${fromUnit}` : `${from} – ${until}`;
}

function pair(
  first: number,
  firstUnit: Unit,
  second: number,
  secondUnit: Unit,
  locale: FormatLocale,
): string {
  const head = write(first, firstUnit, locale);
  return second === 0 ? head : `${head}${NBSP}${write(second, secondUnit, locale)}`;
}
