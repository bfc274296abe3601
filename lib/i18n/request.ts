import { cookies, headers } from "next/headers";
import { getRequestConfig } from "next-intl/server";
import { withDriverWords } from "@/lib/stores/registry";
import { negotiateLocale } from "./negotiate-locale";
import { LOCALE_COOKIE, parseTimeZone, ZONE_COOKIE } from "./preferences";

/** Language and time zone of a request: from cookies, without a locale in the address. */
export default getRequestConfig(async () => {
  const [jar, head] = await Promise.all([cookies(), headers()]);
  const locale = negotiateLocale(jar.get(LOCALE_COOKIE)?.value, head.get("accept-language"));
  const messages =
    locale === "zh"
      ? (await import("./messages/zh.json")).default
      : (await import("./messages/en.json")).default;
  return {
    locale,
    messages: withDriverWords(messages, locale),
    timeZone: parseTimeZone(jar.get(ZONE_COOKIE)?.value),
    now: new Date(),
  };
});
