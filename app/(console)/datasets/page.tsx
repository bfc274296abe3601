import { Table2 } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { datasetSorting } from "@/components/datasets/dataset-sort";
import { DatasetTable } from "@/components/datasets/dataset-table";
import { StoreFilter } from "@/components/datasets/store-filter";
import { Refresh } from "@/components/live/refresh";
import { PageFrame } from "@/components/shell/page-frame";
import { one, type SearchParams } from "@/components/stores/address";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { allows } from "@/lib/auth/authorize";
import { requireUser } from "@/lib/auth/page";
import { listDatasets } from "@/lib/services/datasets/list";

const REFRESH_MS = 15_000;

export default async function DatasetsPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [user, search, t] = await Promise.all([requireUser(), searchParams, getTranslations("datasets")]);
  const all = await listDatasets(user, {});
  const storeId = one(search, "store");
  const datasets = storeId ? all.filter((dataset) => dataset.storeId === storeId) : all;
  const stores = [...new Map(all.map((dataset) => [dataset.storeId, dataset.storeName]))];
  const compare = all.length > 1 && <ButtonLink href="/datasets/compare">{t("compare")}</ButtonLink>;
  const add = allows(user.role, "dataset.write") && (
    <ButtonLink href="/datasets/new" tone="primary">
      {t("add")}
    </ButtonLink>
  );
  return (
    <PageFrame
      breadcrumbs={[{ label: t("title") }]}
      actions={
        all.length > 0 && (
          <>
            {compare}
            {add}
          </>
        )
      }
    >
      <Refresh everyMs={REFRESH_MS} />
      {stores.length > 1 && <StoreFilter stores={stores.map(([id, name]) => ({ storeId: id, name }))} />}
      {datasets.length === 0 ? (
        <EmptyState
          icon={<Table2 aria-hidden size={20} />}
          title={t(all.length > 0 ? "noneHere" : "none")}
          action={all.length > 0 ? <ButtonLink href="/datasets">{t("showAll")}</ButtonLink> : add}
        >
          {t("noneHint")}
        </EmptyState>
      ) : (
        <DatasetTable datasets={datasets} search={search} sorting={datasetSorting(one(search, "sort"))} />
      )}
    </PageFrame>
  );
}
