import { useTranslations } from "next-intl";
import { Sparkline } from "@/components/charts/sparkline";
import { Badge, StateBadge } from "@/components/ui/badge";
import { Bytes, BytesChange, Duration } from "@/components/ui/figures";
import { RowLink, SortTh, Table, TableFrame, Td, Th } from "@/components/ui/table";
import { TimeAgo } from "@/components/ui/time-ago";
import type { StoreDto } from "@/lib/schemas/store";
import { type SearchParams, withParams } from "./address";
import { kindName } from "./kind-name";

const SORTS = {
  name: null,
  latency: (store: StoreDto) => store.latencyP95Ms,
  size: (store: StoreDto) => store.sizeBytes,
  growth: (store: StoreDto) => store.growthBytesPerWeek,
  datasets: (store: StoreDto) => store.datasetCount,
} as const;
type SortKey = keyof typeof SORTS;

export interface Sorting<Key extends string> {
  key: Key;
  direction: "asc" | "desc";
}

const isSortKey = (key: string): key is SortKey => key in SORTS;

/** `-size` in the address is by size, largest first. */
export function storeSorting(text: string | undefined): Sorting<SortKey> {
  const key = text?.replace(/^-/, "") ?? "name";
  return isSortKey(key)
    ? { key, direction: text?.startsWith("-") ? "desc" : "asc" }
    : { key: "name", direction: "asc" };
}

/** Unknown figures stand last in both directions. */
function sorted(stores: readonly StoreDto[], { key, direction }: Sorting<SortKey>): StoreDto[] {
  const sign = direction === "asc" ? 1 : -1;
  const figure = SORTS[key];
  if (!figure) return [...stores].sort((a, b) => sign * a.name.localeCompare(b.name));
  return [...stores].sort((a, b) => {
    const [left, right] = [figure(a), figure(b)];
    if (left === null || right === null) return Number(left === null) - Number(right === null);
    return sign * (left - right);
  });
}

/** Every store with its state and figures, as the last samples saw them. */
export function StoreTable({
  stores,
  search,
  sorting,
}: {
  stores: readonly StoreDto[];
  search: SearchParams;
  sorting: Sorting<SortKey>;
}) {
  const t = useTranslations("stores");
  const head = (key: SortKey, align?: "end") => {
    const active = sorting.key === key ? sorting.direction : null;
    const first = key === "name" ? "" : "-";
    const next = active === null ? first : active === "asc" ? "-" : "";
    return (
      <SortTh
        align={align}
        direction={active}
        href={withParams("/stores", search, { sort: `${next}${key}` })}
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
            <Th>{t("columns.state")}</Th>
            <Th>{t("columns.kind")}</Th>
            <Th>{t("columns.course")}</Th>
            {head("latency", "end")}
            {head("size", "end")}
            {head("growth", "end")}
            {head("datasets", "end")}
            <Th align="end">{t("columns.checked")}</Th>
          </tr>
        </thead>
        <tbody>
          {sorted(stores, sorting).map((store) => (
            <StoreRow key={store.storeId} store={store} />
          ))}
        </tbody>
      </Table>
    </TableFrame>
  );
}

function StoreRow({ store }: { store: StoreDto }) {
  const t = useTranslations("stores");
  const dead = store.state === "unreachable";
  return (
    <tr data-link>
      <Td>
        <span className="inline-flex items-center gap-2">
          <RowLink href={`/stores/${store.storeId}`}>{store.name}</RowLink>
          {store.writesEnabled && <Badge title={t("writesOnHint")}>{t("writable")}</Badge>}
        </span>
      </Td>
      <Td label={t("columns.state")}>
        <StateBadge state={store.state}>
          {dead ? t.rich("silentSince", { ago: () => <TimeAgo value={store.stateSince} /> }) : undefined}
        </StateBadge>
      </Td>
      <Td label={t("columns.kind")}>{kindName(store)}</Td>
      <Td label={t("columns.course")}>
        <span className="block w-32 max-sm:w-24">
          <Sparkline
            values={store.latency.map((point) => point.value)}
            label={t("latencyOf", { store: store.name })}
            tone={dead ? "bad" : "1"}
            height={20}
          />
        </span>
      </Td>
      <Td align="end" label={t("columns.latency")}>
        <Duration value={store.latencyP95Ms} reason={t("noLatency")} />
      </Td>
      <Td align="end" label={t("columns.size")}>
        <Bytes value={store.sizeBytes} reason={t("noSize")} />
      </Td>
      <Td align="end" label={t("columns.growth")}>
        <BytesChange value={store.growthBytesPerWeek} reason={t("noGrowth")} />
      </Td>
      <Td align="end" label={t("columns.datasets")}>
        {store.segmentCount > 0 && store.datasetCount === 0
          ? t("segmentCount", { count: store.segmentCount })
          : store.datasetCount}
      </Td>
      <Td align="end" label={t("columns.checked")}>
        <TimeAgo value={store.healthAt} reason={t("neverChecked")} />
      </Td>
    </tr>
  );
}
