export const LOCALES = ["en", "zh"] as const;
export type Locale = (typeof LOCALES)[number];
export const DEFAULT_LOCALE: Locale = "en";

/** Names of the languages in themselves: whoever cannot read the current one must find their own. */
export const LOCALE_NAMES: Record<Locale, string> = { en: "English", zh: "简体中文" };

/** The value of `<html lang>`. */
export const LOCALE_TAGS: Record<Locale, string> = { en: "en", zh: "zh-CN" };

export const isLocale = (value: unknown): value is Locale => LOCALES.some((locale) => locale === value);
