/** A figure as it comes from a database or over JSON. Strings hold integers or decimals without grouping. */
export type Numeric = bigint | number | string;

/** Languages figures are written in. Anything else is written as English. */
export type FormatLocale = "en" | "zh";

/** Keeps a figure and its unit on one line. */
export const NBSP = "\u00a0";

/** The figure as a number, good to 15 digits: enough for display, never for counting on. */
export const toNumber = (value: Numeric): number => Number(value);

const formatters = new Map<string, Intl.NumberFormat>();

/** A cached Intl.NumberFormat with `minimum` to `maximum` digits after the point. */
export function numberFormat(locale: FormatLocale, minimum: number, maximum = minimum): Intl.NumberFormat {
  const key = `${locale} ${minimum} ${maximum}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.NumberFormat(locale === "zh" ? "zh-CN" : "en", {
      minimumFractionDigits: minimum,
      maximumFractionDigits: maximum,
    });
    formatters.set(key, formatter);
  }
  return formatter;
}

/** The figure in full with groups, exact for any length: `41,208,112`. */
export function formatExact(value: Numeric, locale: FormatLocale = "en"): string {
  const integer = typeof value === "string" && /^-?\d+$/.test(value) ? BigInt(value) : value;
  return numberFormat(locale, 0, 3).format(typeof integer === "string" ? Number(integer) : integer);
}
