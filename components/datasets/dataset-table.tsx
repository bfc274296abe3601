import Link from "next/link";
import { useTranslations } from "next-intl";
import { type SearchParams, withParams } from "@/components/stores/address";
import { StateBadge, TIER_TEXT, type TierName } from "@/components/ui/badge";
import { Bytes, BytesChange, Dash, Estimate, Percent } from "@/components/ui/figures";
import { RowLink, SortTh, Table, TableFrame, Td, Th } from "@/components/ui/table";
import { TimeAgo } from "@/components/ui/time-ago";
import type { DatasetDto } from "@/lib/schemas/dataset";
import { byFamily, type DatasetSorting, type DatasetSortKey, type FamilyRow } from "./dataset-sort";

/** Every dataset with its figures, children beneath their parents. */
export function DatasetTable({
  datasets,
  search,
  sorting,
}: {
  datasets: readonly DatasetDto[];
  search: SearchParams;
  sorting: DatasetSorting;
}) {
  const t = useTranslations("datasets");
  const head = (key: DatasetSortKey, align?: "end") => {
    const active = sorting.key === key ? sorting.direction : null;
    const next = active === null ? (key === "name" ? "" : "-") : active === "asc" ? "-" : "";
    return (
      <SortTh
        align={align}
        direction={active}
        href={withParams("/datasets", search, { sort: `${next}${key}` })}
      >
        {t(`columns.${key}`)}
      </SortTh>
    );
  };
  return (
    <TableFrame>
      <Table caption={t("title")}>
        <thead>
          <tr>
            {head("name")}
            <Th>{t("columns.store")}</Th>
            {head("hot", "end")}
            <Th align="end">{t("columns.archive")}</Th>
            <Th align="end">{t("columns.cold")}</Th>
            {head("rows", "end")}
            {head("growth", "end")}
            {head("late")}
            {head("dead", "end")}
          </tr>
        </thead>
        <tbody>
          {byFamily(datasets, sorting).map((row) => (
            <DatasetRow key={row.dataset.datasetId} row={row} />
          ))}
        </tbody>
      </Table>
    </TableFrame>
  );
}

function DatasetRow({ row: { dataset, depth } }: { row: FamilyRow }) {
  const t = useTranslations("datasets");
  return (
    <tr data-link>
      <Td>
        <span className="inline-flex flex-wrap items-center gap-x-2" style={{ paddingLeft: depth * 16 }}>
          {depth > 0 && (
            <span aria-hidden className="text-muted">
              └
            </span>
          )}
          <RowLink href={`/datasets/${dataset.datasetId}`}>{dataset.name}</RowLink>
          {dataset.operationId && (
            <Link href={`/operations/${dataset.operationId}`} className="hover:underline">
              <StateBadge state="running">{t("atWork")}</StateBadge>
            </Link>
          )}
        </span>
      </Td>
      <Td label={t("columns.store")}>
        <span className="inline-flex items-center gap-2">
          {dataset.storeName}
          {dataset.storeState === "unreachable" && <StateBadge state="unreachable" />}
        </span>
      </Td>
      <TierTd tier="hot" sizeBytes={dataset.hot?.sizeBytes ?? null} reason={t("notSampled")} />
      <TierTd tier="archive" sizeBytes={dataset.archive?.sizeBytes ?? null} reason={t("noArchive")} />
      <TierTd
        tier="cold"
        sizeBytes={dataset.cold.segmentCount > 0 ? dataset.cold.sizeBytes : null}
        reason={t("noCold")}
      />
      <Td align="end" label={t("columns.rows")}>
        {dataset.hot?.rowCount != null && (
          <span className="mr-2 text-2xs text-muted max-lg:hidden">
            <TimeAgo value={dataset.lastAnalyzeAt ?? dataset.statsAt} />
          </span>
        )}
        <Estimate value={dataset.hot?.rowCount ?? null} reason={t("neverAnalyzed")} />
      </Td>
      <Td align="end" label={t("columns.growth")}>
        <BytesChange value={dataset.growthBytesPerWeek} reason={t("noGrowth")} />
      </Td>
      <Td label={t("columns.late")}>
        <Retention dataset={dataset} />
      </Td>
      <Td align="end" label={t("columns.dead")}>
        <Percent value={dataset.deadRatio} reason={t("notSampled")} />
      </Td>
    </tr>
  );
}

function TierTd({ tier, sizeBytes, reason }: { tier: TierName; sizeBytes: number | null; reason: string }) {
  const t = useTranslations("datasets");
  return (
    <Td align="end" label={t(`columns.${tier}`)}>
      <span className={sizeBytes === null ? undefined : TIER_TEXT[tier]}>
        <Bytes value={sizeBytes} reason={reason} />
      </span>
    </Td>
  );
}

/** The oldest hot row against what the policy keeps; late in red and in words. */
function Retention({ dataset }: { dataset: DatasetDto }) {
  const t = useTranslations("datasets");
  if (dataset.parentId) return <span className="text-muted">{t("withParent")}</span>;
  if (dataset.keepDays === null) return <Dash reason={t("noPolicy")} />;
  if (dataset.lateDays === null) return <Dash reason={t("oldestUnknown")} />;
  if (dataset.lateDays === 0)
    return <span className="text-muted">{t("inTime", { keepDays: dataset.keepDays })}</span>;
  return (
    <span className="font-medium text-bad">
      {t("late", { lateDays: dataset.lateDays, keepDays: dataset.keepDays })}
    </span>
  );
}
