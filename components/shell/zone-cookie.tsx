"use client";
import { useRouter } from "next/navigation";
import { useTimeZone } from "next-intl";
import { useEffect } from "react";
import { preferenceCookie, ZONE_COOKIE } from "@/lib/i18n/preferences";
import { writePreference } from "./write-preference";

/** Tells the server the browser's time zone, once per change, so that it writes local times. */
export function ZoneCookie() {
  const serverZone = useTimeZone();
  const router = useRouter();
  useEffect(() => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const entry = preferenceCookie(ZONE_COOKIE, zone).split(";")[0];
    if (!zone || !entry || document.cookie.split("; ").includes(entry)) return;
    writePreference(ZONE_COOKIE, zone);
    if (zone !== serverZone) router.refresh();
  }, [serverZone, router]);
  return null;
}
