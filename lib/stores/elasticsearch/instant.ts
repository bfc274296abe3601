import type { Cursor } from "@/lib/stores/batch";
import type { TimeColumn, TimeUnit } from "@/lib/stores/table";
import { textForm } from "@/lib/stores/text-form";

/**
 * Times as the server orders them: whole numbers, milliseconds for `date` and `date_nanos` (sorted with numeric_type
 * date), the column's own unit for integers.
 */
const US_PER: Readonly<Record<TimeUnit, bigint>> = {
  timestamp: 1_000n,
  timestamptz: 1_000n,
  date: 1_000n,
  s: 1_000_000n,
  ms: 1_000n,
  us: 1n,
};

export const isDateUnit = (unit: TimeUnit): boolean =>
  unit === "timestamp" || unit === "timestamptz" || unit === "date";

export const usOf = (tick: number, unit: TimeUnit): bigint => BigInt(tick) * US_PER[unit];

/** The first tick at or after an instant: with half-open bounds no row is counted twice or left out. */
export function tickFrom(us: bigint, unit: TimeUnit): number {
  const per = US_PER[unit];
  const rest = ((us % per) + per) % per;
  return Number(rest === 0n ? us / per : (us - rest) / per + 1n);
}

/** The text form of a tick, as a cursor and a column hold it. */
export function tickText(tick: number, unit: TimeUnit): string {
  if (!isDateUnit(unit)) return String(tick);
  return textForm(unit === "timestamp" ? "timestamp" : "timestamptz", BigInt(tick) * 1_000n) ?? "";
}

export function tickOf(text: string, unit: TimeUnit): number {
  if (!isDateUnit(unit)) return Number(text);
  return Date.parse(`${text.replace(" ", "T").replace(/\+00$/, "")}Z`);
}

export const cursorOf = (tick: number | null, key: readonly string[], time: TimeColumn): Cursor => [
  tick === null ? "" : tickText(tick, time.unit),
  ...key,
];

const MAX_MS = 8.64e15;

/** The UTC month an instant lies in, YYYY-MM. */
export function monthOf(us: bigint): string {
  const ms = Number(us / 1_000n);
  if (Math.abs(ms) > MAX_MS) return us < 0n ? "0001-01" : "9999-12";
  const at = new Date(ms);
  const year = at.getUTCFullYear();
  if (year < 1) return "0001-01";
  if (year > 9_999) return "9999-12";
  return `${String(year).padStart(4, "0")}-${String(at.getUTCMonth() + 1).padStart(2, "0")}`;
}

/** First instant of the month after; null for the last that has four digits of a year. */
export function monthEndUs(month: string): bigint | null {
  if (month === "9999-12") return null;
  const [year = 1970, number = 1] = month.split("-").map(Number);
  const end = new Date(0);
  end.setUTCFullYear(year, number, 1);
  return BigInt(end.getTime()) * 1_000n;
}

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;

/** Milliseconds of a date as documents write it; null for anything else. Finer digits are cut, as the server does. */
export function parseDate(text: string): number | null {
  const match = ISO.exec(text);
  if (!match) return null;
  const [, year, month, day, hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] = match;
  // Date.parse takes 30 February for 2 March.
  if (Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()) return null;
  const ms = fraction.slice(0, 3).padEnd(3, "0");
  const offset = zone === "Z" ? "Z" : `${zone.slice(0, 3)}:${zone.slice(3).replace(":", "") || "00"}`;
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}${offset}`);
  return Number.isNaN(at) ? null : at;
}
