import { type FormatLocale, formatExact, NBSP, type Numeric, numberFormat, toNumber } from "./numeric";

const STEPS: Record<FormatLocale, readonly { size: number; word: string }[]> = {
  en: [
    { size: 1e12, word: "T" },
    { size: 1e9, word: "B" },
    { size: 1e6, word: "M" },
  ],
  zh: [
    { size: 1e12, word: "万亿" },
    { size: 1e8, word: "亿" },
    { size: 1e4, word: "万" },
  ],
};

/** A count in full up to seven digits, then short: `9,999,999`, `41.2 M`; in Chinese `4,121 万`, `1.2 亿`. */
export function formatCount(value: Numeric, locale: FormatLocale = "en"): string {
  const count = toNumber(value);
  if (Math.abs(count) < 10_000_000) return formatExact(value, locale);
  return shorten(count, locale);
}

/** A count for an axis: short from five digits on, `2 M`, `50 k`; in Chinese `200 万`. */
export function formatCountShort(value: Numeric, locale: FormatLocale = "en"): string {
  const count = toNumber(value);
  if (Math.abs(count) < 10_000) return numberFormat(locale, 0, 2).format(count);
  if (locale === "en" && Math.abs(count) < 999_500)
    return `${numberFormat(locale, 0, 1).format(count / 1e3)}${NBSP}k`;
  return shorten(count, locale, 0);
}

function shorten(count: number, locale: FormatLocale, minimumDigits = 1): string {
  const step = STEPS[locale].find(({ size }) => Math.abs(count) >= size);
  if (!step) return numberFormat(locale, 0).format(count);
  const scaled = count / step.size;
  const digits = Math.abs(scaled) < 99.95 ? 1 : 0;
  return `${numberFormat(locale, Math.min(minimumDigits, digits), digits).format(scaled)}${NBSP}${step.word}`;
}
