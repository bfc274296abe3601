import type { Physical, Value, Vector } from "@/lib/stores/batch";
import { floatText } from "@/lib/stores/float-text";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** 0001-01-01 and 10000-01-01 in microseconds: outside of them a value travels as exact text. */
const MIN_US = -62_135_596_800_000_000n;
const MAX_US = 253_402_300_800_000_000n;

/** The text form of a value as PostgreSQL's cast to text gives it (see stores/digest.ts); null for NULL. */
export function textForm(physical: Physical, value: Value): string | null {
  if (value === null) return null;
  switch (physical) {
    case "text":
      return decoder.decode(value as Uint8Array);
    case "bytes":
      return `\\x${Buffer.from(value as Uint8Array).toString("hex")}`;
    case "float64":
      return floatText(Number(value));
    case "timestamp":
      return instantText(value as bigint);
    case "timestamptz":
      return instantTextZone(value as bigint);
    case "date":
      return dayText(Number(value));
    case "int64":
    case "bool":
      return String(value);
  }
}

/** Text form of a row's value in a vector, exact texts included. */
export const vectorText = (vector: Vector, row: number): string | null =>
  vector.exact.get(row) ?? textForm(vector.physical, vector.values[row] ?? null);

/** Whether a vector holds the instant as a number, which it does from year 1 to 9999. */
export const isPlainInstant = (us: bigint): boolean => us >= MIN_US && us < MAX_US;

/** `2025-01-31 23:59:59.5`, as PostgreSQL prints a timestamp; also outside the plain range. */
export function instantText(us: bigint): string {
  const fraction = ((us % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const rest = fraction === 0n ? "" : `.${fraction.toString().padStart(6, "0").replace(/0+$/, "")}`;
  if (isPlainInstant(us)) {
    const text = new Date(Number((us - fraction) / 1_000n)).toISOString();
    return `${text.slice(0, 10)} ${text.slice(11, 19)}${rest}`;
  }
  const seconds = (us - fraction) / 1_000_000n;
  const clock = Number(((seconds % 86_400n) + 86_400n) % 86_400n);
  const day = civil(Number((seconds - BigInt(clock)) / 86_400n));
  const two = (n: number) => String(n).padStart(2, "0");
  const time = `${two(Math.floor(clock / 3600))}:${two(Math.floor(clock / 60) % 60)}:${two(clock % 60)}`;
  return `${day.text} ${time}${rest}${day.era}`;
}

/** `2025-01-31`, and ` BC` where it belongs. */
export function dayText(days: number): string {
  const day = civil(days);
  return day.text + day.era;
}

/** A timestamptz outside the plain range: the zone stands before the era. */
export function instantTextZone(us: bigint): string {
  const text = instantText(us);
  return text.endsWith(" BC") ? `${text.slice(0, -3)}+00 BC` : `${text}+00`;
}

/** Days since 1970 → proleptic Gregorian date (Howard Hinnant's civil_from_days): Date ends before PostgreSQL does. */
function civil(days: number): { text: string; era: "" | " BC" } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const shown = year > 0 ? year : 1 - year;
  const two = (n: number) => String(n).padStart(2, "0");
  return {
    text: `${String(shown).padStart(4, "0")}-${two(month)}-${two(day)}`,
    era: year > 0 ? "" : " BC",
  };
}

/** Bytes of the text form, close enough for progress: exact for text and bytes, typical for the rest. */
export function textSize(physical: Physical, value: Value): number {
  if (value === null) return 0;
  switch (physical) {
    case "text":
      return (value as Uint8Array).length;
    case "bytes":
      return 2 + 2 * (value as Uint8Array).length;
    case "int64":
      return String(value).length;
    case "float64":
      return 17;
    case "bool":
      return value === true ? 4 : 5;
    case "date":
      return 10;
    case "timestamp":
      return 26;
    case "timestamptz":
      return 29;
  }
}
