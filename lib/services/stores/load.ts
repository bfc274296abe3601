import { db } from "@/lib/control/database";
import type { Store } from "@/lib/control/prisma/client/client";
import { growthPerWeek } from "@/lib/metrics/growth";
import { latencyTiles } from "@/lib/metrics/latency";
import type { HealthDto, StoreDto, StoreFailureDto, StoreState } from "@/lib/schemas/store";
import { iso, stored } from "@/lib/services/stored-json";
import { driverLabel } from "@/lib/services/stores/driver";

/** Columns of a store that a tile needs: its list of tables and query statistics can be large. */
const LIGHT = {
  id: true,
  name: true,
  kind: true,
  writesEnabled: true,
  health: true,
  healthAt: true,
  failure: true,
  state: true,
  stateSince: true,
} as const;

/** Stores as tiles, by name: four queries whatever their number, none of them to a store. */
export async function loadStores(storeIds?: readonly string[]): Promise<StoreDto[]> {
  const rows = await db().store.findMany({
    where: storeIds ? { id: { in: [...storeIds] } } : {},
    select: { ...LIGHT, _count: { select: { datasets: true, segments: { where: { state: "committed" } } } } },
    orderBy: { name: "asc" },
  });
  const ids = rows.map((row) => row.id);
  const now = new Date();
  const [tiles, growth] = await Promise.all([latencyTiles(ids, now), growthPerWeek(ids, "sizeBytes", now)]);
  return rows.map((row) => ({
    ...storeFields(row),
    latencyP95Ms: tiles.get(row.id)?.p95Ms ?? null,
    latency: tiles.get(row.id)?.points ?? [],
    growthBytesPerWeek: growth.get(row.id) ?? null,
    datasetCount: row._count.datasets,
    segmentCount: row._count.segments,
  }));
}

function storeFields(row: Pick<Store, keyof typeof LIGHT>) {
  const health = stored<HealthDto>(row.health);
  return {
    storeId: row.id,
    name: row.name,
    kind: row.kind,
    kindLabel: driverLabel(row.kind),
    version: health?.version ?? null,
    state: row.state as StoreState,
    stateSince: row.stateSince.toISOString(),
    failure: row.state === "unreachable" ? stored<StoreFailureDto>(row.failure) : null,
    healthAt: iso(row.healthAt),
    writesEnabled: row.writesEnabled,
    sizeBytes: health?.sizeBytes ?? null,
    freeBytes: health?.freeBytes ?? null,
  };
}
