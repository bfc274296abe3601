import { Database } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { Refresh } from "@/components/live/refresh";
import { PageFrame } from "@/components/shell/page-frame";
import { one, type SearchParams } from "@/components/stores/address";
import { StoreTable, storeSorting } from "@/components/stores/store-table";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { allows } from "@/lib/auth/authorize";
import { requireUser } from "@/lib/auth/page";
import { listStores } from "@/lib/services/stores/list";

const REFRESH_MS = 15_000;

export default async function StoresPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [user, search, t] = await Promise.all([requireUser(), searchParams, getTranslations("stores")]);
  const stores = await listStores(user);
  const add = allows(user.role, "store.write") && (
    <ButtonLink href="/stores/new" tone="primary">
      {t("add")}
    </ButtonLink>
  );
  return (
    <PageFrame breadcrumbs={[{ label: t("title") }]} actions={stores.length > 0 && add}>
      <Refresh everyMs={REFRESH_MS} />
      {stores.length === 0 ? (
        <EmptyState icon={<Database aria-hidden size={20} />} title={t("none")} action={add || t("askAdmin")}>
          {t("noneHint")}
        </EmptyState>
      ) : (
        <StoreTable stores={stores} search={search} sorting={storeSorting(one(search, "sort"))} />
      )}
    </PageFrame>
  );
}
