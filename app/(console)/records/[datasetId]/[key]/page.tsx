import { notFound } from "next/navigation";
import { getTranslations } from "next-intl/server";
import { decodeKey, restoreHref } from "@/components/records/record-address";
import { RecordColumns } from "@/components/records/record-columns";
import { RecordConversation } from "@/components/records/record-conversation";
import { RecordFacts } from "@/components/records/record-facts";
import { RecordFamily } from "@/components/records/record-family";
import { RecordGone } from "@/components/records/record-gone";
import { searchTerms } from "@/components/records/search-terms";
import { PageFrame } from "@/components/shell/page-frame";
import { ButtonLink } from "@/components/ui/button";
import { CopyButton } from "@/components/ui/copy-button";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { requireUser } from "@/lib/auth/page";
import { isAppError } from "@/lib/errors";
import { getSegment } from "@/lib/services/datasets/segment";
import { getRecord } from "@/lib/services/records/get";

interface Props {
  params: Promise<{ datasetId: string; key: string }>;
  searchParams: Promise<{ q?: string | string[]; segment?: string | string[] }>;
}

const one = (value: string | string[] | undefined): string => (Array.isArray(value) ? value[0] : value) ?? "";

/** One row, wherever it lives: the conversation, what is known of it, its family, every column. */
export default async function RecordPage({ params, searchParams }: Props) {
  const [user, address, search, t] = await Promise.all([
    requireUser(),
    params,
    searchParams,
    getTranslations("record"),
  ]);
  const key = decodeKey(decodeURIComponent(address.key));
  if (!key) notFound();
  const crumbs = [
    {
      label: t("search"),
      href: one(search.q) ? `/search?${new URLSearchParams({ q: one(search.q) })}` : "/search",
    },
  ];
  const input = { datasetId: address.datasetId, key, segmentId: one(search.segment) || null };
  const record = await getRecord(user, input).catch((error: unknown) => {
    if (isAppError(error)) return error;
    throw error;
  });
  if (isAppError(record))
    return (
      <PageFrame breadcrumbs={[...crumbs, { label: key.join(" · ") }]}>
        <RecordGone error={{ message: record.message, key: record.key, details: record.details }} />
      </PageFrame>
    );
  const segment = record.segmentId ? await getSegment(user, { segmentId: record.segmentId }) : null;
  const terms = searchTerms(one(search.q));
  const asJson = JSON.stringify(
    Object.fromEntries(record.columns.map(({ name, value }) => [name, value])),
    null,
    2,
  );
  return (
    <PageFrame
      breadcrumbs={[...crumbs, { label: `${record.dataset} ${key.join(" · ")}` }]}
      actions={
        <>
          <CopyButton text={asJson} label={t("copyRow")} />
          {record.tier !== "hot" && user.role !== "viewer" && (
            <ButtonLink tone="primary" href={restoreHref(record.datasetId, record.tier, [key])}>
              {t("restore")}
            </ButtonLink>
          )}
        </>
      }
    >
      {record.notes.length > 0 && (
        <Notice tone="warn" title={t("notSearched")}>
          {record.notes.join(" ")}
        </Notice>
      )}
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,7fr)_minmax(0,3fr)]">
        <div className="flex min-w-0 flex-col gap-4">
          <RecordConversation record={record} terms={terms} />
          <RecordFamily family={record.family} terms={terms} />
        </div>
        <RecordFacts record={record} segment={segment} />
      </div>
      <Panel padding="none" title={t("columns")} unit={record.columns.length}>
        <RecordColumns
          columns={record.columns}
          terms={terms}
          caption={t("columnsOf", { dataset: record.dataset })}
        />
      </Panel>
    </PageFrame>
  );
}
