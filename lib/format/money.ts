import type { FormatLocale } from "./numeric";

/** An amount with its currency: `$12.30`, below a cent `<$0.01`, from a thousand on without cents. */
export function formatMoney(amount: number, currency: string, locale: FormatLocale = "en"): string {
  const digits = Math.abs(amount) >= 1000 ? 0 : 2;
  const format = new Intl.NumberFormat(locale === "zh" ? "zh-CN" : "en", {
    style: "currency",
    currency,
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  if (amount > 0 && amount < 0.005) return `<${format.format(0.01)}`;
  return format.format(amount);
}
