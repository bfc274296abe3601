import { setTimeout as sleep } from "node:timers/promises";
import type { PgHandle } from "@/lib/stores/postgres/client";
import { compressStatement } from "@/lib/stores/postgres/compress";
import { describeTable } from "@/lib/stores/postgres/describe";
import { optimizeSql } from "@/lib/stores/postgres/optimize-sql";
import type { OptimizeAction } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";

const POLL_MS = 500;

interface Progress {
  phase: string;
  progress: number | null;
}

/**
 * Runs one action and yields what the server reports of it, about twice a second. Cancelling cancels the
 * statement; REINDEX CONCURRENTLY then leaves an invalid index, which `offers` proposes to rebuild.
 */
export async function* runOptimize(
  handle: PgHandle,
  ref: TableRef,
  action: OptimizeAction,
  signal: AbortSignal,
): AsyncGenerator<Progress> {
  const stop = new AbortController();
  const pid = Promise.withResolvers<string>();
  const work = handle.run(
    { signal: AbortSignal.any([signal, stop.signal]), timeoutMs: null, transaction: "none" },
    async (session) => {
      const shape = await describeTable(session, ref);
      const sql =
        action.kind === "compressChunk"
          ? await compressStatement(session, shape, action)
          : optimizeSql(shape, action);
      const [row] = await session.query("SELECT pg_backend_pid()::text AS pid");
      pid.resolve(row?.pid ?? "0");
      await session.query(sql);
    },
  );
  let running = true;
  const ended = work.finally(() => {
    running = false;
    pid.resolve("0");
  });
  // Failures are thrown below, where somebody waits for them.
  ended.catch(() => undefined);
  try {
    const backend = await pid.promise;
    let last = "";
    while (running) {
      await Promise.race([ended.catch(() => undefined), sleep(POLL_MS, undefined, { ref: false })]);
      if (!running) break;
      const now = await readProgress(handle, backend, signal).catch(() => null);
      if (now && JSON.stringify(now) !== last) {
        last = JSON.stringify(now);
        yield now;
      }
    }
    await ended;
    yield { phase: "done", progress: 1 };
  } finally {
    stop.abort();
    await ended.catch(() => undefined);
  }
}

/** The progress views have one row per backend at work. */
async function readProgress(handle: PgHandle, pid: string, signal: AbortSignal): Promise<Progress | null> {
  return handle.run({ signal, timeoutMs: 5_000 }, async (session) => {
    const [row] = await session.query(
      `SELECT phase, heap_blks_scanned::float8 / nullif(heap_blks_total, 0) AS part FROM pg_stat_progress_vacuum WHERE pid = $1::int
       UNION ALL SELECT phase, heap_blks_scanned::float8 / nullif(heap_blks_total, 0) FROM pg_stat_progress_cluster WHERE pid = $1::int
       UNION ALL SELECT phase, blocks_done::float8 / nullif(blocks_total, 0) FROM pg_stat_progress_create_index WHERE pid = $1::int
       UNION ALL SELECT phase, sample_blks_scanned::float8 / nullif(sample_blks_total, 0) FROM pg_stat_progress_analyze WHERE pid = $1::int
       LIMIT 1`,
      [pid],
    );
    if (!row) return null;
    return { phase: row.phase ?? "", progress: row.part == null ? null : Math.min(1, Number(row.part)) };
  });
}
