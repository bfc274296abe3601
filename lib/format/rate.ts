import { formatBytes } from "./bytes";
import { formatCount } from "./count";
import { type FormatLocale, NBSP, type Numeric, numberFormat, toNumber } from "./numeric";

/** Bytes a second: `31.8 MB/s`. */
export const formatByteRate = (bytesPerSecond: Numeric, locale: FormatLocale = "en"): string =>
  `${formatBytes(bytesPerSecond, locale)}/s`;

/** Rows a second: `5,214 rows/s`, in Chinese `5,214 行/秒`. */
export function formatRowRate(rowsPerSecond: Numeric, locale: FormatLocale = "en"): string {
  const rate = toNumber(rowsPerSecond);
  const text =
    rate > 0 && rate < 10 ? numberFormat(locale, 0, 1).format(rate) : formatCount(Math.round(rate), locale);
  return locale === "zh" ? `${text}${NBSP}行/秒` : `${text}${NBSP}rows/s`;
}
