import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { totalGrowth } from "@/lib/metrics/growth";
import type { AttentionItem } from "@/lib/schemas/attention";
import type { DatasetDto } from "@/lib/schemas/dataset";
import type { Mark } from "@/lib/schemas/metrics";
import type { OverviewDto } from "@/lib/schemas/overview";
import type { StoreDto } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { ACTIVE_STATES, loadDatasets } from "@/lib/services/datasets/load";
import { loadOperations } from "@/lib/services/operations/load";
import { attention, liveWorkers } from "@/lib/services/overview/attention";
import { driversWith, offersAction } from "@/lib/services/stores/driver";
import { loadStores } from "@/lib/services/stores/load";
import type { Ability } from "@/lib/stores/store";

const GROWTH_DAYS = 90;
const DAY_MS = 86_400_000;
const MARKS = 40;
const RUNNING_SHOWN = 20;
const FAILED_SHOWN = 20;

/** Everything the first page shows, from stored samples alone: a dead store costs nothing here. */
export async function getOverview(actor: Actor): Promise<OverviewDto> {
  authorize(actor, "overview.read");
  const now = new Date();
  const [stores, datasets, running, marks] = await Promise.all([
    loadStores(),
    loadDatasets(),
    loadOperations({ where: { state: { in: ACTIVE_STATES } }, orderBy: { id: "desc" }, take: RUNNING_SHOWN }),
    loadMarks(new Date(now.getTime() - GROWTH_DAYS * DAY_MS)),
  ]);
  const ids = datasets.map((dataset) => dataset.datasetId);
  const [points, items] = await Promise.all([
    totalGrowth(ids, GROWTH_DAYS, now),
    findAttention(stores, datasets),
  ]);
  return {
    at: now.toISOString(),
    stores,
    attention: items,
    running,
    growth: {
      from: new Date(now.getTime() - GROWTH_DAYS * DAY_MS).toISOString(),
      until: now.toISOString(),
      points,
      marks,
    },
    coldSourceBytes: datasets.reduce((sum, dataset) => sum + dataset.cold.sourceBytes, 0),
    datasetCount: datasets.length,
  };
}

/** What needs a person among these stores and datasets, and their operations. */
export async function findAttention(
  stores: readonly StoreDto[],
  datasets: readonly DatasetDto[],
): Promise<AttentionItem[]> {
  const [failed, running, workers] = await Promise.all([
    loadOperations({
      where: { state: { in: ["failed", "partial"] }, seenAt: null },
      orderBy: { id: "desc" },
      take: FAILED_SHOWN,
    }),
    loadOperations({ where: { state: "running" }, orderBy: { id: "desc" }, take: RUNNING_SHOWN }),
    liveWorkers(),
  ]);
  const operations = [...failed, ...running.filter((operation) => operation.stalled)];
  const can = (kind: string, ability: Ability) => driversWith(ability).includes(kind);
  return attention({ now: new Date(), stores, datasets, operations, workers, can, offers: offersAction });
}

/** Operations that ended and explain a bend in a size chart. */
export async function loadMarks(from: Date, datasetId?: string): Promise<Mark[]> {
  const rows = await db().operation.findMany({
    where: {
      ...(datasetId ? { datasetId } : {}),
      kind: { in: ["archive", "restore", "optimize"] },
      state: { in: ["succeeded", "partial"] },
      endedAt: { gte: from },
    },
    select: { id: true, kind: true, title: true, endedAt: true },
    orderBy: { endedAt: "desc" },
    take: MARKS,
  });
  return rows.flatMap((row) =>
    row.endedAt
      ? [{ at: row.endedAt.toISOString(), kind: row.kind, label: row.title, href: `/operations/${row.id}` }]
      : [],
  );
}
