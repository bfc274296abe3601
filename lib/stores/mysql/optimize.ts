import { setTimeout as sleep } from "node:timers/promises";
import { StoreError } from "@/lib/errors";
import type { MyHandle, Session } from "@/lib/stores/mysql/client";
import { describeTable, type MyShape, optional } from "@/lib/stores/mysql/describe";
import { literal, tableName } from "@/lib/stores/mysql/sql";
import type { OptimizeAction, OptimizePlan } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";

export const OPTIMIZE_ACTIONS = [
  { kind: "analyzeTable", danger: false },
  { kind: "optimizeTable", danger: true },
] as const;

const POLL_MS = 500;
/** Shares of the table beyond which a rebuild is worth its while, and maybe so. */
const FREE = { yes: 0.3, maybe: 0.1 };

interface Progress {
  phase: string;
  progress: number | null;
}

/** The one statement of an action. A list, not a string that is put together from what somebody sent. */
function optimizeSql(shape: MyShape, action: OptimizeAction): string {
  if (action.kind === "analyzeTable") return `ANALYZE TABLE ${tableName(shape.ref)}`;
  if (action.kind === "optimizeTable") return `OPTIMIZE TABLE ${tableName(shape.ref)}`;
  throw new StoreError("bad_input", `MySQL has no action ${action.kind}. Nothing was changed.`, {
    key: "optimizeNotOffered",
    details: { action: action.kind, table: shape.ref.name },
  });
}

/** What can be done for a table, each with what it locks, needs and gives back, and whether it is worth it. */
export async function adviseOptimize(
  session: Session,
  ref: TableRef,
): Promise<{ action: OptimizeAction; plan: OptimizePlan }[]> {
  const shape = await describeTable(session, ref);
  if (shape.kind === "view") return [];
  const [row] = await session.query(
    `SELECT DATA_LENGTH AS data, INDEX_LENGTH AS indexes, DATA_FREE AS free FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${literal(ref.schema)} AND TABLE_NAME = ${literal(ref.name)}`,
  );
  const totalBytes = Number(row?.data ?? 0) + Number(row?.indexes ?? 0);
  const freeBytes = Number(row?.free ?? 0);
  return [
    { action: { kind: "analyzeTable" }, plan: analyzePlan(shape) },
    { action: { kind: "optimizeTable" }, plan: rebuildPlan(shape, totalBytes, freeBytes) },
  ];
}

const analyzePlan = (shape: MyShape): OptimizePlan => ({
  statements: [optimizeSql(shape, { kind: "analyzeTable" })],
  lock: "maintenance",
  lockName: shape.transactional ? "metadata (shared)" : "READ",
  needsBytes: 0,
  returnsBytes: 0,
  reusableBytes: 0,
  advice: { key: "sampledStatistics", worth: "maybe", details: {} },
});

function rebuildPlan(shape: MyShape, totalBytes: number, freeBytes: number): OptimizePlan {
  const share = totalBytes + freeBytes > 0 ? freeBytes / (totalBytes + freeBytes) : 0;
  const worth = share >= FREE.yes ? "yes" : share >= FREE.maybe ? "maybe" : "no";
  const online =
    shape.transactional && !shape.indexes.some(({ method }) => ["fulltext", "spatial"].includes(method));
  const details = { percent: Math.round(share * 1_000) / 10, bytes: freeBytes };
  return {
    statements: [optimizeSql(shape, { kind: "optimizeTable" })],
    // Online the exclusive lock is held for a moment at the begin and at the end; else the table is copied under SHARED.
    lock: online ? "maintenance" : "writes",
    lockName: online ? "metadata (exclusive at begin and end)" : "metadata (shared, no writes)",
    needsBytes: totalBytes,
    returnsBytes: freeBytes,
    reusableBytes: 0,
    advice: { key: worth === "no" ? "tableFit" : "tableBloat", worth, details },
  };
}

/**
 * Runs one action and yields what the server reports of it, about twice a second. A message of the kind `error` in its
 * answer is a failure; a note (InnoDB: recreate + analyze) is not. Cancelling undoes it: the old table stands.
 */
export async function* runOptimize(
  handle: MyHandle,
  ref: TableRef,
  action: OptimizeAction,
  signal: AbortSignal,
): AsyncGenerator<Progress> {
  const stop = new AbortController();
  const threadId = Promise.withResolvers<string>();
  const options = {
    signal: AbortSignal.any([signal, stop.signal]),
    timeoutMs: null,
    transaction: "none",
  } as const;
  const work = handle.run(options, async (session) => {
    const sql = optimizeSql(await describeTable(session, ref), action);
    const [row] = await session.query("SELECT CONNECTION_ID() AS id");
    threadId.resolve(row?.id ?? "0");
    const answer = await session.query(sql);
    const failed = answer.find((line) => (line.Msg_type ?? "").toLowerCase() === "error");
    if (failed) throw refusedBy(ref, failed.Msg_text ?? "");
  });
  let running = true;
  const ended = work.finally(() => {
    running = false;
    threadId.resolve("0");
  });
  // Failures are thrown below, where somebody waits for them.
  ended.catch(() => undefined);
  try {
    const id = await threadId.promise;
    let last = "";
    while (running) {
      await Promise.race([ended.catch(() => undefined), sleep(POLL_MS, undefined, { ref: false })]);
      if (!running) break;
      const now = await readProgress(handle, id, signal).catch(() => null);
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

const refusedBy = (ref: TableRef, server: string) =>
  new StoreError("refused", `The server did not do it for ${ref.schema}.${ref.name}: ${server}`, {
    key: "mysql.optimizeRefused",
    details: { table: `${ref.schema}.${ref.name}`, server },
  });

/** MariaDB tells in its process list, MySQL in the stages of performance_schema. */
async function readProgress(
  handle: MyHandle,
  threadId: string,
  signal: AbortSignal,
): Promise<Progress | null> {
  return handle.run({ signal, timeoutMs: 5_000 }, async (session) => {
    const rows = session.server.mariadb
      ? await session.query(
          `SELECT STATE AS phase, IF(MAX_STAGE > 1, (GREATEST(STAGE, 1) - 1 + PROGRESS / 100) / MAX_STAGE, PROGRESS / 100) AS part, PROGRESS AS told
             FROM information_schema.PROCESSLIST WHERE ID = ${Number(threadId)}`,
        )
      : await optional(
          session,
          `SELECT e.EVENT_NAME AS phase, e.WORK_COMPLETED / NULLIF(e.WORK_ESTIMATED, 0) AS part, 1 AS told
             FROM performance_schema.events_stages_current e JOIN performance_schema.threads t USING (THREAD_ID)
            WHERE t.PROCESSLIST_ID = ${Number(threadId)}`,
        );
    const row = rows?.[0];
    if (!row) return null;
    const part = row.part == null || Number(row.told) === 0 ? null : Math.min(1, Number(row.part));
    return { phase: (row.phase ?? "").split("/").at(-1) ?? "", progress: part };
  });
}
