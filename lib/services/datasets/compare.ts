import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { addCosts, daysUntilFull, pricesOf, storageCost } from "@/lib/datasets/prices";
import { tierRows } from "@/lib/format/tier-rows";
import type { DatasetDto } from "@/lib/schemas/dataset";
import type { CompareRowDto, CostDto, StorePricesDto } from "@/lib/schemas/price";
import type { StoreDto } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { loadDatasets } from "@/lib/services/datasets/load";
import { familyOfKind } from "@/lib/services/stores/driver";
import { loadStores } from "@/lib/services/stores/load";

/** Every dataset of every kind of store in one list, by name. From stored samples: no store is asked. */
export async function compareDatasets(actor: Actor): Promise<CompareRowDto[]> {
  authorize(actor, "dataset.read");
  const [datasets, stores, prices, cold] = await Promise.all([
    loadDatasets(),
    loadStores(),
    loadPrices(),
    loadColdBytes(),
  ]);
  const byId = new Map(stores.map((store) => [store.storeId, store]));
  return datasets.flatMap((dataset) => {
    const store = byId.get(dataset.storeId);
    return store ? [rowOf(dataset, store, prices, cold.get(dataset.datasetId) ?? [])] : [];
  });
}

interface ColdBytes {
  storeId: string;
  sizeBytes: number;
}

function rowOf(
  dataset: DatasetDto,
  store: StoreDto,
  prices: ReadonlyMap<string, StorePricesDto>,
  cold: readonly ColdBytes[],
): CompareRowDto {
  const warmBytes = sum([dataset.hot?.sizeBytes, dataset.archive?.sizeBytes]);
  const parts = [...(warmBytes === null ? [] : [{ storeId: store.storeId, sizeBytes: warmBytes }]), ...cold];
  const priced = parts.flatMap(({ storeId, sizeBytes }) => {
    const price = prices.get(storeId);
    return price ? [{ cost: storageCost(sizeBytes, price), source: price.source }] : [];
  });
  return {
    datasetId: dataset.datasetId,
    name: dataset.name,
    storeId: store.storeId,
    storeName: store.name,
    kind: store.kind,
    kindLabel: store.kindLabel,
    storeState: store.state,
    rowCount: tierRows(dataset),
    sizeBytes: sum([warmBytes, dataset.cold.sizeBytes || null]),
    growthBytesPerDay: dataset.growthBytesPerWeek === null ? null : dataset.growthBytesPerWeek / 7,
    oldestAt: dataset.oldestAt,
    costPerMonth: addCosts(priced.map(({ cost }): CostDto => cost)),
    costIsDefault: priced.some(({ source }) => source === "default"),
    daysUntilFull: daysUntilFull(store.freeBytes, store.growthBytesPerWeek),
  };
}

/** Of what is known; null when nothing is. */
function sum(figures: readonly (number | null | undefined)[]): number | null {
  const known = figures.filter((figure) => typeof figure === "number");
  return known.length === 0 ? null : known.reduce((total, figure) => total + figure, 0);
}

async function loadPrices(): Promise<Map<string, StorePricesDto>> {
  const rows = await db().store.findMany({ select: { id: true, kind: true, prices: true } });
  return new Map(rows.map((row) => [row.id, pricesOf(row.prices, familyOfKind(row.kind))]));
}

async function loadColdBytes(): Promise<Map<string, ColdBytes[]>> {
  const rows = await db().segment.groupBy({
    by: ["datasetId", "storeId"],
    where: { state: "committed" },
    _sum: { sizeBytes: true },
  });
  return Map.groupBy(
    rows.map((row) => ({ ...row, sizeBytes: Number(row._sum.sizeBytes ?? 0) })),
    (row) => row.datasetId,
  );
}
