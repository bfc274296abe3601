import { db } from "@/lib/control/database";
import type { Prisma } from "@/lib/control/prisma/client/client";
import { growthPerWeek } from "@/lib/metrics/growth";
import type {
  ColdFigures,
  DatasetDto,
  StoredMonths,
  TableStatsDto,
  TierFigures,
} from "@/lib/schemas/dataset";
import type { StoreState } from "@/lib/schemas/store";
import { iso, stored } from "@/lib/services/stored-json";
import { traitsOf } from "@/lib/stores/registry";

const DAY_MS = 86_400_000;
export const ACTIVE_STATES = ["queued", "running", "paused", "waiting"];

const LIGHT = {
  id: true,
  name: true,
  storeId: true,
  schemaName: true,
  tableName: true,
  preset: true,
  parentId: true,
  keepDays: true,
  stats: true,
  archiveStats: true,
  archiveTable: true,
  months: true,
  statsAt: true,
  parent: { select: { name: true } },
  store: { select: { name: true, kind: true, state: true } },
  _count: { select: { children: true } },
} as const satisfies Prisma.DatasetSelect;

type Row = Prisma.DatasetGetPayload<{ select: typeof LIGHT }>;

/** Datasets in a list, by name: four queries whatever their number, none of them to a store. */
export async function loadDatasets(where: Prisma.DatasetWhereInput = {}): Promise<DatasetDto[]> {
  const rows = await db().dataset.findMany({ where, select: LIGHT, orderBy: { name: "asc" } });
  const ids = rows.map((row) => row.id);
  const now = new Date();
  const [cold, growth, active] = await Promise.all([
    loadCold(ids),
    growthPerWeek(ids, "hotBytes", now),
    db().operation.findMany({
      where: { datasetId: { in: ids }, state: { in: ACTIVE_STATES } },
      select: { id: true, datasetId: true },
      orderBy: { id: "desc" },
    }),
  ]);
  const working = new Map(active.map((operation) => [operation.datasetId, operation.id]));
  return rows.map((row) => ({
    ...datasetFields(row, now, cold.get(row.id)?.newest ?? null),
    cold: cold.get(row.id)?.figures ?? emptyCold(),
    growthBytesPerWeek: growth.get(row.id) ?? null,
    operationId: working.get(row.id) ?? null,
  }));
}

function datasetFields(row: Row, now: Date, coldNewest: Date | null) {
  const stats = stored<TableStatsDto>(row.stats);
  const archive = stored<TableStatsDto>(row.archiveStats);
  return {
    datasetId: row.id,
    name: row.name,
    storeId: row.storeId,
    storeName: row.store.name,
    storeState: row.store.state as StoreState,
    leavesBy: traitsOf(row.store.kind).leavesBy,
    schemaName: row.schemaName,
    tableName: row.tableName,
    preset: row.preset,
    parentId: row.parentId,
    parentName: row.parent?.name ?? null,
    childCount: row._count.children,
    hot: figuresOf(stats, counted(row.months, "hot")),
    archive: row.archiveTable ? figuresOf(archive, counted(row.months, "archive")) : null,
    statsAt: iso(row.statsAt),
    oldestAt: stats?.oldestAt ?? null,
    keepDays: row.keepDays,
    lateDays: lateDays(oldestLeft(row, stats, coldNewest), row.keepDays, now),
    deadRatio: deadRatio(stats),
    lastVacuumAt: stats?.lastVacuumAt ?? null,
    lastAnalyzeAt: stats?.lastAnalyzeAt ?? null,
  };
}

const figuresOf = (stats: TableStatsDto | null, rowCount: number | null): TierFigures | null =>
  stats && { rowCount: rowCount ?? stats.rowCount, sizeBytes: stats.totalBytes };

/**
 * Rows as the sampler counted them by month. Where it could count, that is nearer than the planner's estimate, which
 * stays as it was after rows have left until somebody analyzes the table.
 */
export function counted(months: Row["months"], tier: "hot" | "archive"): number | null {
  const sampled = stored<StoredMonths>(months);
  if (!sampled?.exact) return null;
  return sampled[tier].reduce((sum, month) => sum + month.rowCount, 0);
}

/** The oldest row that an archive has yet to take: rows that stay hot until they expire may all be cold long since. */
function oldestLeft(row: Row, stats: TableStatsDto | null, coldNewest: Date | null): string | null {
  const oldest = stats?.oldestAt ?? null;
  if (oldest === null || coldNewest === null || traitsOf(row.store.kind).leavesBy === "delete") return oldest;
  return coldNewest > new Date(oldest) ? coldNewest.toISOString() : oldest;
}

/** Days by which the oldest row is past its retention; 0 in time; null when one of the two is not known. */
export function lateDays(oldestAt: string | null, keepDays: number | null, now: Date): number | null {
  if (!oldestAt || keepDays === null) return null;
  const ageDays = Math.floor((now.getTime() - Date.parse(oldestAt)) / DAY_MS);
  return Number.isFinite(ageDays) ? Math.max(0, ageDays - keepDays) : null;
}

/** Dead rows as a share of all rows the table holds, 0..1; null when statistics do not tell. */
export function deadRatio(stats: TableStatsDto | null): number | null {
  if (!stats || stats.deadRows === null || stats.liveRows === null) return null;
  const all = stats.deadRows + stats.liveRows;
  return all === 0 ? 0 : stats.deadRows / all;
}

const emptyCold = (): ColdFigures => ({
  rowCount: 0,
  sizeBytes: 0,
  sourceBytes: 0,
  segmentCount: 0,
  missingCount: 0,
});

interface Cold {
  figures: ColdFigures;
  newest: Date | null;
}

async function loadCold(ids: readonly string[]): Promise<Map<string, Cold>> {
  const rows = await db().segment.groupBy({
    by: ["datasetId"],
    where: { datasetId: { in: [...ids] }, state: "committed" },
    _sum: { rowCount: true, sizeBytes: true, sourceBytes: true },
    _count: { _all: true, missingSince: true },
    _max: { maxTime: true },
  });
  return new Map(
    rows.map((row) => [
      row.datasetId,
      {
        newest: row._max.maxTime,
        figures: {
          rowCount: Number(row._sum.rowCount ?? 0n),
          sizeBytes: Number(row._sum.sizeBytes ?? 0n),
          sourceBytes: Number(row._sum.sourceBytes ?? 0n),
          segmentCount: row._count._all,
          missingCount: row._count.missingSince,
        },
      },
    ]),
  );
}
