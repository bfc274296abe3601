import { Scale } from "lucide-react";
import { getTranslations } from "next-intl/server";
import { compareSorting } from "@/components/datasets/compare-sort";
import { CompareTable } from "@/components/datasets/compare-table";
import { Refresh } from "@/components/live/refresh";
import { PageFrame } from "@/components/shell/page-frame";
import { one, type SearchParams } from "@/components/stores/address";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { requireUser } from "@/lib/auth/page";
import { compareDatasets } from "@/lib/services/datasets/compare";

const REFRESH_MS = 30_000;

/** Datasets of all kinds of stores in one list: what is large, what grows, what it costs, when a store is full. */
export default async function ComparePage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [user, search, t] = await Promise.all([requireUser(), searchParams, getTranslations("compare")]);
  const rows = await compareDatasets(user);
  return (
    <PageFrame breadcrumbs={[{ label: t("datasets"), href: "/datasets" }, { label: t("title") }]}>
      <Refresh everyMs={REFRESH_MS} />
      {rows.length === 0 ? (
        <EmptyState
          icon={<Scale aria-hidden size={20} />}
          title={t("none")}
          action={<ButtonLink href="/datasets">{t("datasets")}</ButtonLink>}
        >
          {t("noneHint")}
        </EmptyState>
      ) : (
        <>
          <CompareTable rows={rows} search={search} sorting={compareSorting(one(search, "sort"))} />
          <p className="text-xs text-muted">{t("footnote")}</p>
        </>
      )}
    </PageFrame>
  );
}
