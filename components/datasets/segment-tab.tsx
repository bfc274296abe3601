import Link from "next/link";
import { useLocale, useTranslations } from "next-intl";
import { type SearchParams, withParams } from "@/components/stores/address";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { Bytes, Code, Count } from "@/components/ui/figures";
import { Pagination } from "@/components/ui/pagination";
import { Table, TableFrame, Td, Th } from "@/components/ui/table";
import { DateTime, TimeAgo } from "@/components/ui/time-ago";
import { formatMonth } from "@/lib/format/time";
import type { SegmentDto } from "@/lib/schemas/dataset";
import type { Page } from "@/lib/schemas/page";
import { MonthFilter } from "./month-filter";

/** Segments in cold storage, newest month first. */
export function SegmentTab({
  page,
  months,
  path,
  search,
  paged,
}: {
  page: Page<SegmentDto>;
  /** Months that have segments. */
  months: readonly string[];
  path: string;
  search: SearchParams;
  /** Whether this is not the first page. */
  paged: boolean;
}) {
  const t = useTranslations("datasets");
  if (months.length === 0)
    return (
      <EmptyState
        title={t("noSegments")}
        action={
          <ButtonLink href={`${path}/archive`} tone="primary">
            {t("archive")}
          </ButtonLink>
        }
      >
        {t("noSegmentsHint")}
      </EmptyState>
    );
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2">
        <MonthFilter months={months} path={path} />
        <ButtonLink href={`${path}/relocate`}>{t("coldStorage")}</ButtonLink>
      </div>
      <TableFrame>
        <Table caption={t("segmentsTitle")}>
          <thead>
            <tr>
              <Th>{t("month")}</Th>
              <Th align="end">{t("columns.rows")}</Th>
              <Th align="end">{t("size")}</Th>
              <Th align="end">{t("wasSize")}</Th>
              <Th>{t("oldest")}</Th>
              <Th>SHA-256</Th>
              <Th>{t("columns.store")}</Th>
              <Th align="end">{t("written")}</Th>
            </tr>
          </thead>
          <tbody>
            {page.items.map((segment) => (
              <SegmentRow key={segment.segmentId} segment={segment} />
            ))}
          </tbody>
        </Table>
      </TableFrame>
      <Pagination
        newerHref={paged ? withParams(path, search, { cursor: null }) : null}
        olderHref={page.next && withParams(path, search, { cursor: page.next })}
      />
    </>
  );
}

function SegmentRow({ segment }: { segment: SegmentDto }) {
  const t = useTranslations("datasets");
  const locale = useLocale();
  return (
    <tr>
      <Td>
        <span title={segment.key}>{formatMonth(segment.month, locale)}</span>{" "}
        {segment.missingSince && (
          <Badge tone="bad" title={t("missingHint")}>
            {t("missing")}
          </Badge>
        )}
      </Td>
      <Td align="end" label={t("columns.rows")}>
        <Count value={segment.rowCount} />
      </Td>
      <Td align="end" label={t("size")}>
        <span className="text-cold-ink">
          <Bytes value={segment.sizeBytes} />
        </span>
      </Td>
      <Td align="end" label={t("wasSize")}>
        <Bytes value={segment.sourceBytes} />
      </Td>
      <Td label={t("oldest")}>
        <DateTime value={segment.minTime} reason={t("oldestUnknown")} />
      </Td>
      <Td label="SHA-256">
        <Code title={segment.sha256}>{`${segment.sha256.slice(0, 12)}…`}</Code>
      </Td>
      <Td label={t("columns.store")}>{segment.storeName}</Td>
      <Td align="end" label={t("written")}>
        {segment.operationId ? (
          <Link href={`/operations/${segment.operationId}`} className="hover:text-accent hover:underline">
            <TimeAgo value={segment.createdAt} />
          </Link>
        ) : (
          <TimeAgo value={segment.createdAt} />
        )}
      </Td>
    </tr>
  );
}
