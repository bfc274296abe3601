import { getTranslations } from "next-intl/server";
import { AboutFacts, WorkerPanel } from "@/components/settings/about-facts";
import { AllowedHostsForm } from "@/components/settings/allowed-hosts-form";
import { CataloguePanel } from "@/components/settings/catalogue-panel";
import { SettingsTabs } from "@/components/settings/settings-tabs";
import { PageFrame } from "@/components/shell/page-frame";
import { allows } from "@/lib/auth/authorize";
import { requireUser } from "@/lib/auth/page";
import { getSettings } from "@/lib/services/settings/get";

export default async function AboutPage() {
  const [user, t] = await Promise.all([requireUser(), getTranslations("settings")]);
  const settings = await getSettings(user);
  return (
    <PageFrame breadcrumbs={[{ label: t("title"), href: "/settings" }, { label: t("tabs.about") }]}>
      <SettingsTabs current="about" role={user.role} />
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <AboutFacts settings={settings} />
        <WorkerPanel workers={settings.workers} />
      </div>
      <AllowedHostsForm hosts={settings.allowedHosts} mayChange={allows(user.role, "settings.write")} />
      <CataloguePanel
        catalogue={settings.catalogue}
        mayCompare={allows(user.role, "catalogue.compare")}
        mayRebuild={allows(user.role, "catalogue.rebuild")}
      />
    </PageFrame>
  );
}
