import { useTranslations } from "next-intl";
import { type SearchParams, withParams } from "@/components/stores/address";
import { StateBadge } from "@/components/ui/badge";
import { Bytes, BytesChange, Count, Dash, Estimate } from "@/components/ui/figures";
import { RowLink, SortTh, Table, TableFrame, Td } from "@/components/ui/table";
import { TimeAgo } from "@/components/ui/time-ago";
import type { CompareRowDto } from "@/lib/schemas/price";
import { COMPARE_KEYS, type CompareKey, type CompareSorting, sortRows } from "./compare-sort";
import { Cost } from "./cost";

const TEXT_KEYS: readonly CompareKey[] = ["name", "kind", "oldest"];
const FULL_SOON_DAYS = 30;

/** Datasets of unlike stores side by side: what is large, what grows, what costs, what is about to be full. */
export function CompareTable({
  rows,
  search,
  sorting,
}: {
  rows: readonly CompareRowDto[];
  search: SearchParams;
  sorting: CompareSorting;
}) {
  const t = useTranslations("compare");
  return (
    <TableFrame>
      <Table caption={t("title")}>
        <thead>
          <tr>
            {COMPARE_KEYS.map((key) => {
              const active = sorting.key === key ? sorting.direction : null;
              const first = TEXT_KEYS.includes(key) || key === "full" ? "" : "-";
              const next = active === null ? first : active === "asc" ? "-" : "";
              return (
                <SortTh
                  key={key}
                  align={TEXT_KEYS.includes(key) ? undefined : "end"}
                  direction={active}
                  href={withParams("/datasets/compare", search, { sort: `${next}${key}` })}
                >
                  {t(`columns.${key}`)}
                </SortTh>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {sortRows(rows, sorting).map((row) => (
            <CompareRow key={row.datasetId} row={row} />
          ))}
        </tbody>
      </Table>
    </TableFrame>
  );
}

function CompareRow({ row }: { row: CompareRowDto }) {
  const t = useTranslations("compare");
  return (
    <tr data-link>
      <Td>
        <RowLink href={`/datasets/${row.datasetId}`}>{row.name}</RowLink>
      </Td>
      <Td label={t("columns.kind")}>
        <span className="inline-flex flex-wrap items-center gap-x-2">
          {row.storeName} <span className="text-xs text-muted">{row.kindLabel}</span>
          {row.storeState === "unreachable" && <StateBadge state="unreachable" />}
        </span>
      </Td>
      <Td align="end" label={t("columns.rows")}>
        <Estimate value={row.rowCount} reason={t("unknown")} />
      </Td>
      <Td align="end" label={t("columns.size")}>
        <Bytes value={row.sizeBytes} reason={t("unknown")} />
      </Td>
      <Td align="end" label={t("columns.growth")}>
        <BytesChange value={row.growthBytesPerDay} reason={t("noGrowth")} />
      </Td>
      <Td label={t("columns.oldest")}>
        <TimeAgo value={row.oldestAt} reason={t("unknown")} />
      </Td>
      <Td align="end" label={t("columns.cost")}>
        <Cost costs={row.costPerMonth} assumed={row.costIsDefault} reason={t("unknown")} />
      </Td>
      <Td align="end" label={t("columns.full")}>
        {row.daysUntilFull === null ? (
          <Dash reason={t("notFilling")} />
        ) : (
          <span className={row.daysUntilFull < FULL_SOON_DAYS ? "font-medium text-bad" : undefined}>
            {t.rich("days", { days: () => <Count value={row.daysUntilFull} /> })}
          </span>
        )}
      </Td>
    </tr>
  );
}
