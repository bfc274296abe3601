"use client";
import { useRouter } from "next/navigation";
import { useTimeZone } from "next-intl";
import { useEffect } from "react";
import { preferenceCookie, ZONE_CHOSEN_COOKIE, ZONE_COOKIE } from "@/lib/i18n/preferences";
import { writePreference } from "./write-preference";

/** Tells the server the browser's time zone, once per change, so that it writes local times; unless another was chosen. */
export function ZoneCookie() {
  const serverZone = useTimeZone();
  const router = useRouter();
  useEffect(() => {
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const entry = preferenceCookie(ZONE_COOKIE, zone).split(";")[0];
    const cookies = document.cookie.split("; ");
    if (!zone || !entry || cookies.includes(entry) || cookies.includes(`${ZONE_CHOSEN_COOKIE}=1`)) return;
    writePreference(ZONE_COOKIE, zone);
    if (zone !== serverZone) router.refresh();
  }, [serverZone, router]);
  return null;
}
