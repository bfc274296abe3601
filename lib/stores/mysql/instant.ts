import type { MyColumn } from "@/lib/stores/mysql/mapper";
import type { TimeUnit } from "@/lib/stores/table";
import { textForm } from "@/lib/stores/text-form";

const DAY_US = 86_400_000_000n;
const US_PER: Readonly<Record<"us" | "ms" | "s" | "date", bigint>> = {
  us: 1n,
  ms: 1_000n,
  s: 1_000_000n,
  date: DAY_US,
};

const floorDiv = (value: bigint, by: bigint): bigint => (value - (((value % by) + by) % by)) / by;
const ceilDiv = (value: bigint, by: bigint): bigint => -floorDiv(-value, by);

/** What MySQL's clock types can hold: bounds beyond are none. */
const MIN_US = BigInt(Date.UTC(1000, 0, 1)) * 1_000n;
const MAX_US = BigInt(Date.UTC(10_000, 0, 1)) * 1_000n;
/** A TIMESTAMP compared with a literal outside of its own range is an error on MySQL 8. */
const STAMP_MIN_US = 1_000_000n;
const STAMP_MAX_US = BigInt(2 ** 31 - 1) * 1_000_000n;

export const isClock = (unit: TimeUnit): boolean => ["timestamp", "timestamptz", "date"].includes(unit);

/**
 * The instant in the column's own unit and precision, rounded up: with half-open bounds `t >= up(from)` and
 * `t < up(until)` hold exactly for the values in [from, until), and an index on t serves both. `beyond`: no value of
 * the column lies on that side of it.
 */
export function instantIn(
  unit: TimeUnit,
  column: Pick<MyColumn, "fractionDigits" | "dataType">,
  us: bigint,
): { text: string; beyond: "below" | "above" | null } {
  if (!isClock(unit))
    return { text: ceilDiv(us, US_PER[unit as "us" | "ms" | "s"]).toString(), beyond: null };
  const [min, max] = column.dataType === "timestamp" ? [STAMP_MIN_US, STAMP_MAX_US] : [MIN_US, MAX_US];
  if (us < min) return { text: clockText(unit, min), beyond: "below" };
  const step = unit === "date" ? DAY_US : 10n ** BigInt(6 - column.fractionDigits);
  const up = ceilDiv(us, step) * step;
  return up >= max ? { text: "", beyond: "above" } : { text: clockText(unit, up), beyond: null };
}

const clockText = (unit: TimeUnit, us: bigint): string =>
  unit === "date" ? (textForm("date", us / DAY_US) ?? "") : (textForm("timestamp", us) ?? "");

/** Microseconds of a time column's text form; null for zero dates and the like. */
export function usOf(unit: TimeUnit, text: string): bigint | null {
  if (!isClock(unit)) return /^-?\d+$/.test(text) ? BigInt(text) * US_PER[unit as "us" | "ms" | "s"] : null;
  return clockUs(text.replace(/\+00$/, ""));
}

const CLOCK = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?$/;

/** Microseconds since 1970 of `YYYY-MM-DD[ HH:MM:SS[.ffffff]]`; null where the calendar has no such day. */
export function clockUs(text: string): bigint | null {
  const match = CLOCK.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  if (!year || !month || !day || month > 12 || day > daysIn(year, month)) return null;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour ?? 0, minute ?? 0, second ?? 0);
  return BigInt(date.getTime()) * 1_000n + BigInt((match[7] ?? "").padEnd(6, "0") || "0");
}

const daysIn = (year: number, month: number): number =>
  month === 2
    ? year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
      ? 29
      : 28
    : [4, 6, 9, 11].includes(month)
      ? 30
      : 31;

/** SQL: the UTC month of a time expression as YYYY-MM. */
export function monthSql(unit: TimeUnit, value: string): string {
  if (isClock(unit)) return `DATE_FORMAT(${value}, '%Y-%m')`;
  const seconds = unit === "s" ? value : `FLOOR(${value} / ${1_000_000n / US_PER[unit as "us" | "ms"]})`;
  // FROM_UNIXTIME ends in 2038; beyond year 9999 the sum is NULL.
  return `IFNULL(DATE_FORMAT(TIMESTAMP('1970-01-01') + INTERVAL (${seconds}) SECOND, '%Y-%m'), IF(${value} > 0, '9999-12', '0001-01'))`;
}

const FIRST_MONTH = "0001-01";
const LAST_MONTH = "9999-12";

/** The UTC month an instant lies in; before year 1 and after 9999 the nearest one that has four digits. */
export function monthOf(us: bigint): string {
  const ms = floorDiv(us, 1_000n);
  if (ms < -62_135_596_800_000n) return FIRST_MONTH;
  return ms >= 253_402_300_800_000n ? LAST_MONTH : new Date(Number(ms)).toISOString().slice(0, 7);
}

/** First instant after a UTC month; null: the last month, which has no end. */
export function monthEndUs(month: string): bigint | null {
  if (month === LAST_MONTH) return null;
  const [year = 1970, number = 1] = month.split("-").map(Number);
  const end = new Date(0);
  end.setUTCFullYear(year, number, 1);
  return BigInt(end.getTime()) * 1_000n;
}
