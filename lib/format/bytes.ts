import { type FormatLocale, formatExact, NBSP, type Numeric, numberFormat, toNumber } from "./numeric";

const UNITS = ["B", "KB", "MB", "GB", "TB", "PB", "EB"] as const;

/** Bytes in binary units with two or three digits: `812 B`, `9.4 GB`, `54.0 GB`, `212 GB`. */
export function formatBytes(value: Numeric, locale: FormatLocale = "en"): string {
  const bytes = toNumber(value);
  let unit = 0;
  let scaled = Math.abs(bytes);
  // 1023.5 and more would be written as 1024 of the smaller unit.
  while (scaled >= 1023.5 && unit < UNITS.length - 1) {
    scaled /= 1024;
    unit += 1;
  }
  const digits = unit > 0 && scaled < 99.95 ? 1 : 0;
  return `${numberFormat(locale, digits).format(Math.sign(bytes) * scaled)}${NBSP}${UNITS[unit]}`;
}

/** The same with its sign, for growth: `+1.9 GB`, `−74.0 MB`, `0 B`. */
export function formatBytesChange(value: Numeric, locale: FormatLocale = "en"): string {
  const bytes = toNumber(value);
  if (bytes === 0) return `0${NBSP}B`;
  return `${bytes > 0 ? "+" : "−"}${formatBytes(Math.abs(bytes), locale)}`;
}

/** All bytes in digits, for the hover: `227,633,266,688`. */
export const formatBytesExact = (value: Numeric, locale: FormatLocale = "en"): string =>
  formatExact(value, locale);

/** The unit that suits the largest of a chart's values, with its divisor. */
export function bytesScale(maximumBytes: number): { unit: string; divisor: number } {
  let unit = 0;
  let divisor = 1;
  while (maximumBytes / divisor >= 1024 && unit < UNITS.length - 1) {
    divisor *= 1024;
    unit += 1;
  }
  return { unit: UNITS[unit] ?? "B", divisor };
}
