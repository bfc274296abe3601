import { cookies } from "next/headers";
import { getTranslations } from "next-intl/server";
import { PreferencesForm } from "@/components/settings/preferences-form";
import { SettingsTabs } from "@/components/settings/settings-tabs";
import { PageFrame } from "@/components/shell/page-frame";
import { requireUser } from "@/lib/auth/page";
import { ZONE_CHOSEN_COOKIE } from "@/lib/i18n/preferences";

export default async function PreferencesPage() {
  const [user, t, jar] = await Promise.all([requireUser(), getTranslations("settings"), cookies()]);
  return (
    <PageFrame breadcrumbs={[{ label: t("title"), href: "/settings" }, { label: t("tabs.preferences") }]}>
      <SettingsTabs current="preferences" role={user.role} />
      <PreferencesForm
        // Asked of one side only: the browser may know other zones than the server.
        zones={["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")]}
        zoneChosen={jar.get(ZONE_CHOSEN_COOKIE)?.value === "1"}
        now={new Date().toISOString()}
      />
    </PageFrame>
  );
}
