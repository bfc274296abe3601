"use client";
import { useRouter } from "next/navigation";
import { useCallback } from "react";
import type { Locale } from "@/lib/i18n/locales";
import { LOCALE_COOKIE } from "@/lib/i18n/preferences";
import { writePreference } from "./write-preference";

/** Changes the language of this browser and draws the page anew in it. */
export function useSetLanguage(): (locale: Locale) => void {
  const router = useRouter();
  return useCallback(
    (locale) => {
      writePreference(LOCALE_COOKIE, locale);
      router.refresh();
    },
    [router],
  );
}
