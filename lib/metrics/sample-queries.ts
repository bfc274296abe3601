import { pool } from "@/lib/control/database";
import { log } from "@/lib/log";
import { tickOf, within } from "@/lib/metrics/sample-health";
import { type Sample, writeSamples } from "@/lib/metrics/write";
import { openStore } from "@/lib/stores/open";

export const QUERIES_MS = 60_000;
const READ_MS = 10_000;

/** Keeps the slowest queries, connections and cache hits of every store that tells them. */
export async function sampleQueries(now: Date, signal: AbortSignal): Promise<void> {
  const { rows } = await pool().query<{ id: string }>(`SELECT id FROM "Store" WHERE state <> 'unreachable'`);
  const at = tickOf(now, QUERIES_MS);
  const found = await Promise.all(rows.map(({ id }) => readQueries(id, at, signal)));
  await writeSamples(found.flat(), now);
}

async function readQueries(storeId: string, at: Date, signal: AbortSignal): Promise<Sample[]> {
  try {
    const stats = await within(READ_MS, signal, async (limit) =>
      (await openStore(storeId, "read")).queryStats?.(limit),
    );
    if (!stats) return [];
    await pool().query('UPDATE "Store" SET "queryStats" = $2, "queryStatsAt" = now() WHERE id = $1', [
      storeId,
      JSON.stringify(stats),
    ]);
    const { connections, cacheHitRatio } = stats;
    const used = connections && connections.active + connections.idle + connections.idleInTransaction;
    return [
      ...(used === null ? [] : [{ subjectId: storeId, metric: "connections" as const, at, value: used }]),
      ...(cacheHitRatio === null
        ? []
        : [{ subjectId: storeId, metric: "cacheHitRatio" as const, at, value: cacheHitRatio }]),
    ];
  } catch (error) {
    if (!signal.aborted) log("sampler").debug({ err: error, storeId }, "query statistics could not be read");
    return [];
  }
}
