import { db, pool } from "@/lib/control/database";
import type { Operation, Prisma } from "@/lib/control/prisma/client/client";
import type { ErrorDto } from "@/lib/errors";
import { ENDED_STATES, type OperationDto, type OperationState, type Wanted } from "@/lib/schemas/operation";
import { iso, stored } from "@/lib/services/stored-json";

/** A heartbeat older than this means that the worker is gone; the lease lets another take over. */
const STALLED_MS = 15_000;
/** Rates looked at for speed and time left. */
const RECENT_RATES = 30;

export interface Rate {
  rowsPerSec: number;
  bytesPerSec: number;
}

/** Operations by id order given by `args`, with names and measured speed: four queries whatever their number. */
export async function loadOperations(
  args: Pick<Prisma.OperationFindManyArgs, "where" | "orderBy" | "take">,
): Promise<OperationDto[]> {
  const rows = await db().operation.findMany(args);
  const [names, rates] = await Promise.all([loadNames(rows), loadRates(rows)]);
  return rows.map((row) => operationDto(row, names, rates.get(row.id) ?? []));
}

interface Names {
  datasets: Map<string, string>;
  stores: Map<string, string>;
}

export async function loadNames(rows: readonly Operation[]): Promise<Names> {
  const ids = (pick: (row: Operation) => string | null) => [
    ...new Set(rows.map(pick).filter((id) => id !== null)),
  ];
  const [datasets, stores] = await Promise.all([
    db().dataset.findMany({
      where: { id: { in: ids((row) => row.datasetId) } },
      select: { id: true, name: true },
    }),
    db().store.findMany({
      where: { id: { in: ids((row) => row.storeId) } },
      select: { id: true, name: true },
    }),
  ]);
  return {
    datasets: new Map(datasets.map((row) => [row.id, row.name])),
    stores: new Map(stores.map((row) => [row.id, row.name])),
  };
}

/** The newest rates of those that run, newest first. */
export async function loadRates(rows: readonly Operation[]): Promise<Map<string, Rate[]>> {
  const running = rows.filter((row) => !isEnded(row.state)).map((row) => row.id);
  if (running.length === 0) return new Map();
  const found = await pool().query<Rate & { operationId: string }>(
    `SELECT o.id AS "operationId", r."rowsPerSec", r."bytesPerSec" FROM unnest($1::text[]) AS o(id)
     CROSS JOIN LATERAL (SELECT * FROM "OperationRate" WHERE "operationId" = o.id ORDER BY at DESC LIMIT $2) r`,
    [running, RECENT_RATES],
  );
  return Map.groupBy(found.rows, (row) => row.operationId);
}

export const isEnded = (state: string): boolean => ENDED_STATES.some((ended) => ended === state);

export function operationDto(row: Operation, names: Names, rates: readonly Rate[]): OperationDto {
  const working = row.state === "running";
  const recent = rates.slice(0, 5);
  return {
    operationId: row.id,
    kind: row.kind,
    title: row.title,
    datasetId: row.datasetId,
    datasetName: row.datasetId ? (names.datasets.get(row.datasetId) ?? null) : null,
    storeId: row.storeId,
    storeName: row.storeId ? (names.stores.get(row.storeId) ?? null) : null,
    state: row.state as OperationState,
    wanted: row.wanted as Wanted,
    waitingFor: row.waitingFor,
    stepName: row.stepName,
    totalRows: row.totalRows === null ? null : Number(row.totalRows),
    doneRows: Number(row.doneRows),
    totalBytes: row.totalBytes === null ? null : Number(row.totalBytes),
    doneBytes: Number(row.doneBytes),
    progress: row.progress,
    rowsPerSec: working ? mean(recent.map((rate) => rate.rowsPerSec)) : null,
    bytesPerSec: working ? mean(recent.map((rate) => rate.bytesPerSec)) : null,
    etaMs: working ? timeLeft(row, rates) : null,
    throttleReason: row.throttleReason,
    heartbeatAt: iso(row.heartbeatAt),
    stalled: working && row.heartbeatAt !== null && Date.now() - row.heartbeatAt.getTime() > STALLED_MS,
    error: stored<ErrorDto>(row.error),
    createdByName: row.createdByName,
    createdAt: row.createdAt.toISOString(),
    startedAt: iso(row.startedAt),
    endedAt: iso(row.endedAt),
    seenAt: iso(row.seenAt),
  };
}

const mean = (values: readonly number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** From the slower and the faster end of recent speeds (a fifth cut off each side); null with too few of them. */
function timeLeft(row: Operation, rates: readonly Rate[]): OperationDto["etaMs"] {
  if (row.totalRows === null || rates.length < 3) return null;
  const left = Math.max(0, Number(row.totalRows - row.doneRows));
  const speeds = rates.map((rate) => rate.rowsPerSec).sort((a, b) => a - b);
  const slow = speeds[Math.floor(speeds.length * 0.2)] ?? 0;
  const fast = speeds[Math.ceil(speeds.length * 0.8) - 1] ?? 0;
  if (slow <= 0 || fast <= 0) return null;
  return { min: (left / fast) * 1_000, max: (left / slow) * 1_000 };
}
