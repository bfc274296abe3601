/** Preferences that the first paint needs, kept in plain cookies. They hold nothing secret. */
export const LOCALE_COOKIE = "strata-locale";
export const ZONE_COOKIE = "strata-tz";
/** `1` when the zone was chosen in the settings: the browser's own no longer counts. */
export const ZONE_CHOSEN_COOKIE = "strata-tz-chosen";
export const THEME_COOKIE = "strata-theme";

export const THEMES = ["light", "dark", "system"] as const;
export type Theme = (typeof THEMES)[number];

/** The theme named by a cookie; anything else follows the system. */
export const parseTheme = (value: string | undefined): Theme =>
  THEMES.find((theme) => theme === value) ?? "system";

/** The zone named by a cookie if this runtime knows it, else UTC: times are then at least not wrong. */
export function parseTimeZone(value: string | undefined): string {
  if (!value) return "UTC";
  try {
    const zone = decodeURIComponent(value);
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}

/** A `document.cookie` assignment that keeps a preference for a year on every page of ours. */
export const preferenceCookie = (name: string, value: string): string =>
  `${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
