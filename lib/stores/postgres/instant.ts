import type { TimeUnit } from "@/lib/stores/table";
import { instantText, instantTextZone } from "@/lib/stores/text-form";

const US_PER: Readonly<Record<Exclude<TimeUnit, "timestamp" | "timestamptz">, bigint>> = {
  us: 1n,
  ms: 1_000n,
  s: 1_000_000n,
  date: 86_400_000_000n,
};

const ceilDiv = (value: bigint, by: bigint): bigint => -((-value - (((-value % by) + by) % by)) / by);

/**
 * The instant in the column's own unit, rounded up: with half-open bounds `t >= up(from)` and `t < up(until)`
 * hold exactly for the values that lie in [from, until), whatever the unit, and an index on t serves both.
 */
export function instantIn(unit: TimeUnit, us: bigint): string {
  switch (unit) {
    case "timestamp":
      return instantText(us);
    case "timestamptz":
      return instantTextZone(us);
    case "date":
      return instantText(ceilDiv(us, US_PER.date) * US_PER.date).replace(" 00:00:00", "");
    default:
      return ceilDiv(us, US_PER[unit]).toString();
  }
}

/** SQL: microseconds since 1970 of a time expression; NULL for infinity. */
export function microsSql(unit: TimeUnit, value: string): string {
  switch (unit) {
    case "timestamp":
    case "timestamptz":
    case "date":
      return `CASE WHEN isfinite(${value}) THEN (extract(epoch FROM ${value}) * 1000000)::bigint END`;
    default:
      return `((${value})::bigint * ${US_PER[unit]})`;
  }
}

/** SQL: the UTC month of a time expression as YYYY-MM. */
export function monthSql(unit: TimeUnit, value: string): string {
  switch (unit) {
    case "timestamp":
    case "date":
      return `to_char(${value}, 'YYYY-MM')`;
    case "timestamptz":
      return `to_char(${value} AT TIME ZONE 'UTC', 'YYYY-MM')`;
    default:
      return `to_char(to_timestamp((${value})::numeric / ${1_000_000n / US_PER[unit]}) AT TIME ZONE 'UTC', 'YYYY-MM')`;
  }
}

const FIRST_MONTH = "0001-01";
const LAST_MONTH = "9999-12";

/** The UTC month an instant lies in; before year 1 and after 9999 the nearest one that has four digits. */
export function monthOf(us: bigint): string {
  const text = instantText(us);
  if (text.endsWith(" BC")) return FIRST_MONTH;
  return /^\d{4}-/.test(text) ? text.slice(0, 7) : LAST_MONTH;
}

/** First instant after a UTC month; null: the last month, which has no end. */
export function monthEndUs(month: string): bigint | null {
  if (month === LAST_MONTH) return null;
  const [year = 1970, number = 1] = month.split("-").map(Number);
  const end = new Date(0);
  end.setUTCFullYear(year, number, 1);
  return BigInt(end.getTime()) * 1_000n;
}
