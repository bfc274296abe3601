import { getTranslations } from "next-intl/server";
import { found } from "@/app/(console)/attempt";
import { PageFrame } from "@/components/shell/page-frame";
import { StoreForm } from "@/components/stores/store-form";
import { Notice } from "@/components/ui/notice";
import { allows } from "@/lib/auth/authorize";
import { requireUser } from "@/lib/auth/page";
import { listDrivers } from "@/lib/services/stores/drivers";
import { getStore } from "@/lib/services/stores/get";

export default async function EditStorePage({ params }: { params: Promise<{ storeId: string }> }) {
  const [user, { storeId }, t] = await Promise.all([requireUser(), params, getTranslations("stores")]);
  const [store, drivers] = await Promise.all([found(getStore(user, { storeId })), listDrivers(user)]);
  return (
    <PageFrame
      breadcrumbs={[
        { label: t("title"), href: "/stores" },
        { label: store.name, href: `/stores/${storeId}` },
        { label: t("edit") },
      ]}
    >
      {allows(user.role, "store.write") ? (
        <StoreForm drivers={drivers} saved={store} />
      ) : (
        <Notice tone="info">{t("askAdmin")}</Notice>
      )}
    </PageFrame>
  );
}
