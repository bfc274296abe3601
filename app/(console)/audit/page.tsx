import type { Metadata } from "next";
import { getTranslations } from "next-intl/server";
import { AuditFilters } from "@/components/audit/audit-filters";
import { auditExportUrl, auditHref, isFiltered, parseAuditState } from "@/components/audit/audit-state";
import { AuditTable } from "@/components/audit/audit-table";
import { PageFrame } from "@/components/shell/page-frame";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Pagination } from "@/components/ui/pagination";
import { requireUser } from "@/lib/auth/page";
import { isAppError } from "@/lib/errors";
import type { AuditDto } from "@/lib/schemas/audit";
import type { Page } from "@/lib/schemas/page";
import { listAudit } from "@/lib/services/audit/list";

type Search = Record<string, string | string[] | undefined>;

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations("audit"))("title") };
}

/** Who did what, when, why and how it ended. */
export default async function AuditPage({ searchParams }: { searchParams: Promise<Search> }) {
  const [user, search, t] = await Promise.all([requireUser(), searchParams, getTranslations("audit")]);
  const state = parseAuditState(search);
  const asked = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== ""));
  const page: Page<AuditDto> = await listAudit(user, asked).catch((error: unknown) => {
    // A position somebody typed: the list then has nothing there.
    if (isAppError(error) && error.key === "badCursor") return { items: [], next: null };
    throw error;
  });
  const filtered = isFiltered(state) || state.cursor !== "";
  return (
    <PageFrame
      breadcrumbs={[{ label: t("title") }]}
      actions={
        <ButtonLink href={auditExportUrl(state)} prefetch={false} download>
          {t("exportCsv")}
        </ButtonLink>
      }
    >
      <AuditFilters state={state} />
      {page.items.length === 0 ? (
        <EmptyState
          title={t(filtered ? "noneMatch" : "none")}
          action={filtered && <ButtonLink href="/audit">{t("clear")}</ButtonLink>}
        >
          {t(filtered ? "noneMatchHint" : "noneHint")}
        </EmptyState>
      ) : (
        <>
          <AuditTable entries={page.items} />
          <Pagination
            newerHref={state.cursor ? auditHref({ ...state, cursor: "" }) : null}
            olderHref={page.next && auditHref({ ...state, cursor: page.next })}
          >
            {t("order")}
          </Pagination>
        </>
      )}
    </PageFrame>
  );
}
