import type { Metadata, Viewport } from "next";
import { cookies } from "next/headers";
import { NextIntlClientProvider } from "next-intl";
import { getLocale, getTranslations } from "next-intl/server";
import { NuqsAdapter } from "nuqs/adapters/next/app";
import type { ReactNode } from "react";
import { QueryProvider } from "@/components/shell/query-provider";
import { ZoneCookie } from "@/components/shell/zone-cookie";
import { LOCALE_TAGS } from "@/lib/i18n/locales";
import { parseTheme, THEME_COOKIE } from "@/lib/i18n/preferences";
import "./globals.css";

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations("app");
  return {
    title: { default: t("title"), template: `%s · ${t("title")}` },
    description: t("description"),
    robots: { index: false, follow: false },
    icons: { icon: "/icon.svg" },
  };
}

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#f7f9f9" },
    { media: "(prefers-color-scheme: dark)", color: "#0d1214" },
  ],
};

/** The theme stands on `<html>` from the first byte, so that nothing flashes. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const [locale, jar] = await Promise.all([getLocale(), cookies()]);
  return (
    <html
      lang={LOCALE_TAGS[locale]}
      data-theme={parseTheme(jar.get(THEME_COOKIE)?.value)}
      suppressHydrationWarning
    >
      <body>
        <NextIntlClientProvider>
          <ZoneCookie />
          <QueryProvider>
            <NuqsAdapter>{children}</NuqsAdapter>
          </QueryProvider>
        </NextIntlClientProvider>
      </body>
    </html>
  );
}
