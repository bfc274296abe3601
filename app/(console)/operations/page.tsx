import { getTranslations } from "next-intl/server";
import { attempt } from "@/app/(console)/attempt";
import { OperationFilters } from "@/components/operations/operation-filters";
import { OperationTable } from "@/components/operations/operation-table";
import { SpoolNotice } from "@/components/operations/spool-notice";
import { PageFrame } from "@/components/shell/page-frame";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Pagination } from "@/components/ui/pagination";
import { requireUser } from "@/lib/auth/page";
import { listOperationsSchema } from "@/lib/schemas/operation";
import { OPERATION_KINDS } from "@/lib/schemas/plan";
import { listOperations } from "@/lib/services/operations/list";
import { listSpools } from "@/lib/services/operations/spools";

type Search = Record<string, string | undefined>;

/** What of the address fits; the rest is left out rather than refused. */
function filters(search: Search) {
  const one = (name: "state" | "kind" | "cursor" | "datasetId") => {
    const field = listOperationsSchema.shape[name].safeParse(search[name]);
    return field.success && field.data ? { [name]: field.data } : {};
  };
  return { ...one("state"), ...one("kind"), ...one("cursor"), ...one("datasetId") };
}

const hrefWith = (search: Search, cursor: string | null): string => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...search, cursor: cursor ?? undefined }))
    if (value) params.set(name, value);
  const query = params.toString();
  return query ? `/operations?${query}` : "/operations";
};

export default async function OperationsPage({ searchParams }: { searchParams: Promise<Search> }) {
  const [user, search, t] = await Promise.all([
    requireUser(),
    searchParams,
    getTranslations("operationsPage"),
  ]);
  const [page, spools] = await Promise.all([
    listOperations(user, filters(search)),
    attempt("spools", listSpools(user)),
  ]);
  const filtered = Boolean(search.state || search.kind || search.datasetId);
  return (
    <PageFrame breadcrumbs={[{ label: t("title") }]}>
      {spools.ok && <SpoolNotice spools={spools.data} />}
      <OperationFilters kinds={OPERATION_KINDS} />
      {page.items.length === 0 ? (
        <EmptyState
          title={t(filtered ? "noneMatch" : "none")}
          action={
            <ButtonLink href={filtered ? "/operations" : "/datasets"} tone="primary">
              {t(filtered ? "clear" : "toDatasets")}
            </ButtonLink>
          }
        >
          {t(filtered ? "noneMatchHint" : "noneHint")}
        </EmptyState>
      ) : (
        <>
          <OperationTable operations={page.items} />
          <Pagination
            newerHref={search.cursor ? hrefWith(search, null) : null}
            olderHref={page.next && hrefWith(search, page.next)}
          >
            {t("order")}
          </Pagination>
        </>
      )}
    </PageFrame>
  );
}
