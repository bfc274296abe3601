import { type FormatLocale, NBSP, numberFormat } from "./numeric";

const space = (locale: FormatLocale): string => (locale === "zh" ? "" : NBSP);

/** A share from 0 to 1: `4.1 %`, `63 %`. Below 1 it never rounds up to 100 %, above 0 never down to 0 %. */
export function formatPercent(ratio: number, locale: FormatLocale = "en"): string {
  const percent = ratio * 100;
  if (percent > 0 && percent < 0.1) return `<${numberFormat(locale, 1).format(0.1)}${space(locale)}%`;
  const digits = Math.abs(percent) < 10 && percent !== 0 ? 1 : 0;
  const shown = percent > 99 && percent < 100 ? 99 : percent;
  return `${numberFormat(locale, 0, digits).format(shown)}${space(locale)}%`;
}

/** Progress in whole percent, rounded down: 100 stands only for a whole. */
export function formatProgress(ratio: number, locale: FormatLocale = "en"): string {
  const percent = Math.max(0, Math.min(100, Math.floor(ratio * 100 + 1e-9)));
  return `${percent}${space(locale)}%`;
}
