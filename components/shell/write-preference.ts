import { preferenceCookie } from "@/lib/i18n/preferences";

/** Keeps a preference of this browser (language, theme, zone) where the server's first paint sees it. */
export function writePreference(name: string, value: string): void {
  // The Cookie Store API exists in secure contexts only; consoles on plain HTTP in a private network are common.
  Reflect.set(document, "cookie", preferenceCookie(name, value));
}
