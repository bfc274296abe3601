import { getTranslations } from "next-intl/server";
import { PageFrame } from "@/components/shell/page-frame";
import { StoreForm } from "@/components/stores/store-form";
import { Notice } from "@/components/ui/notice";
import { allows } from "@/lib/auth/authorize";
import { requireUser } from "@/lib/auth/page";
import { listDrivers } from "@/lib/services/stores/drivers";

export default async function NewStorePage() {
  const [user, t] = await Promise.all([requireUser(), getTranslations("stores")]);
  const drivers = await listDrivers(user);
  return (
    <PageFrame breadcrumbs={[{ label: t("title"), href: "/stores" }, { label: t("add") }]}>
      {allows(user.role, "store.write") ? (
        <StoreForm drivers={drivers} />
      ) : (
        <Notice tone="info">{t("askAdmin")}</Notice>
      )}
    </PageFrame>
  );
}
