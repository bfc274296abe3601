import { useTranslations } from "next-intl";
import { Tabs } from "@/components/ui/tabs";
import type { Role } from "@/lib/schemas/user";

export type SettingsTab = "account" | "users" | "preferences" | "about";

const HREFS: Record<SettingsTab, string> = {
  account: "/settings",
  users: "/settings/users",
  preferences: "/settings/preferences",
  about: "/settings/about",
};

/** Accounts of others are for administrators. */
export function SettingsTabs({ current, role }: { current: SettingsTab; role: Role }) {
  const t = useTranslations("settings");
  const shown = (["account", "users", "preferences", "about"] as const).filter(
    (tab) => tab !== "users" || role === "admin",
  );
  return (
    <Tabs
      label={t("title")}
      current={current}
      tabs={shown.map((tab) => ({ key: tab, label: t(`tabs.${tab}`), href: HREFS[tab] }))}
    />
  );
}
