import { textLiteral } from "@/lib/stores/logstore/literal";
import { type LogColumn, microsOf } from "@/lib/stores/logstore/mapper";
import type { TimeUnit } from "@/lib/stores/table";
import { textForm } from "@/lib/stores/text-form";

const US_PER: Readonly<Record<"s" | "ms" | "us", bigint>> = { s: 1_000_000n, ms: 1_000n, us: 1n };
const isCount = (unit: TimeUnit): unit is "s" | "ms" | "us" => unit === "s" || unit === "ms" || unit === "us";

/** How a field spells its instants; texts are compared as texts, so a bound must be spelled alike. */
export interface TimeStyle {
  separator: string;
  suffix: string;
  /** Digits of a fraction that is not zero; null: as many as it takes. */
  digits: number | null;
  /** Whether a fraction of zero is written out. */
  zero: boolean;
}

/** Python's isoformat(), which Dify writes: six digits, or none where they are zero. */
export const ISO_STYLE: TimeStyle = { separator: "T", suffix: "", digits: 6, zero: false };

/** The spelling of a field by some of its values. */
export function styleOf(samples: readonly string[]): TimeStyle {
  const parts = samples.flatMap((text) => {
    const match = /^\d{4}-\d\d-\d\d([ T])\d\d:\d\d:\d\d(\.\d+)?(.*)$/.exec(text);
    return match
      ? [{ separator: match[1] ?? "T", digits: (match[2] ?? ".").length - 1, suffix: match[3] ?? "" }]
      : [];
  });
  const [first] = parts;
  if (!first) return ISO_STYLE;
  const lengths = new Set(parts.map(({ digits }) => digits));
  const longest = Math.max(...lengths);
  lengths.delete(0);
  return {
    separator: first.separator,
    suffix: first.suffix,
    digits: lengths.size > 1 ? null : longest || 6,
    zero: longest > 0 && parts.every(({ digits }) => digits > 0),
  };
}

/** An instant as a text of this style. */
export function styled(us: bigint, style: TimeStyle): string {
  const [seconds = "", fraction = ""] = (textForm("timestamp", us) ?? "").split(".");
  const padded = style.digits === null ? fraction : fraction.padEnd(style.digits, "0").slice(0, style.digits);
  const shown = fraction !== "" || style.zero ? padded : "";
  return `${seconds.replace(" ", style.separator)}${shown === "" ? "" : `.${shown}`}${style.suffix}`;
}

/**
 * An instant as a literal of its column, rounded up to what the column can hold: `t >= up(from)` and `t < up(until)`
 * hold exactly for the values in [from, until).
 */
export function instantLiteral(column: LogColumn, unit: TimeUnit, us: bigint, style: TimeStyle): string {
  if (isCount(unit)) return ceilDiv(us, US_PER[unit]).toString();
  // Bounds are cut where a fraction would sort before a zone's letter: whole seconds sort right in any spelling.
  if (column.textTime) return textLiteral(styled(us, { ...style, suffix: "", zero: false }));
  if (unit === "date") return textLiteral(textForm("date", ceilDiv(us, 86_400_000_000n)) ?? "");
  return textLiteral(textForm(unit, us) ?? "");
}

const ceilDiv = (value: bigint, by: bigint): bigint => {
  const quotient = value / by;
  return value > 0n && quotient * by !== value ? quotient + 1n : quotient;
};

/** A cursor's time as the column spells it: a search hands it back in the form all stores share. */
export function cursorText(column: LogColumn, text: string, style: TimeStyle): string {
  if (!column.textTime || !text.includes(" ") || style.separator === " ") return text;
  const us = microsOf(text);
  return us === null ? text : styled(us, style);
}

/** Microseconds of a time column's text; null when it has none. */
export function usOf(unit: TimeUnit, text: string): bigint | null {
  if (isCount(unit)) return /^-?\d+$/.test(text) ? BigInt(text) * US_PER[unit] : null;
  return microsOf(text);
}

export const isoOf = (unit: TimeUnit, text: string | null | undefined): string | null => {
  const us = text == null ? null : usOf(unit, text);
  if (us === null) return null;
  const ms = Number(us / 1_000n);
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : null;
};

/** SQL: something that tells the UTC month of a time, as few values as possible; `monthOf` reads it. */
export function monthSql(column: LogColumn, unit: TimeUnit, value: string): string {
  if (isCount(unit)) return `${value} / ${86_400_000_000n / US_PER[unit]}`;
  return column.textTime ? `substr(${value}, 1, 7)` : `to_char(${value}, 'YYYY-MM')`;
}

/** The UTC month that a value of `monthSql` means. */
export function monthOf(unit: TimeUnit, text: string): string {
  if (!isCount(unit)) return text;
  return monthOfUs(BigInt(text) * 86_400_000_000n);
}

export const monthOfUs = (us: bigint): string => (textForm("timestamp", us) ?? "").slice(0, 7);

/** First instant after a UTC month. */
export function monthEndUs(month: string): bigint {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  return BigInt(Date.UTC(year, number, 1)) * 1_000n;
}
