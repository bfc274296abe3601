import type { MyHandle, Row, Session } from "@/lib/stores/mysql/client";
import { optional } from "@/lib/stores/mysql/describe";
import { literal } from "@/lib/stores/mysql/sql";
import type { QueryStats } from "@/lib/stores/store";

const MAX_QUERIES = 50;
const MAX_TEXT_CHARS = 4_000;
/** performance_schema counts in picoseconds. */
const PER_MS = 1e9;

/** The slowest statements by total time, connections and buffer pool hits. Never fails for want of a right. */
export async function readQueryStats(handle: MyHandle, signal: AbortSignal): Promise<QueryStats> {
  return handle.run({ signal }, async (session) => {
    const base = await readGeneral(session);
    const [row] = await session.query("SELECT @@performance_schema AS enabled");
    if (row?.enabled !== "1") return { ...base, ...unavailable("performanceSchemaOff") };
    const rows = await readDigests(handle, session);
    if (!rows) return { ...base, ...unavailable("noPerformanceSchemaRight") };
    if (rows.length === 0 && (await digestsOff(session))) return { ...base, ...unavailable("digestsOff") };
    const since = rows.map(({ since }) => since ?? "").sort()[0];
    return { ...base, available: true, hintKey: null, since: since || null, queries: rows.map(queryOf) };
  });
}

const unavailable = (hintKey: string) => ({ available: false, hintKey, since: null, queries: [] });

const readDigests = (handle: MyHandle, session: Session): Promise<Row[] | null> =>
  optional(
    session,
    `SELECT DIGEST AS id, LEFT(DIGEST_TEXT, ${MAX_TEXT_CHARS}) AS text, COUNT_STAR AS calls, AVG_TIMER_WAIT / ${PER_MS} AS mean,
            MAX_TIMER_WAIT / ${PER_MS} AS max, SUM_TIMER_WAIT / ${PER_MS} AS total, SUM_ROWS_SENT + SUM_ROWS_AFFECTED AS n,
            DATE_FORMAT(FIRST_SEEN, '%Y-%m-%dT%H:%i:%sZ') AS since
       FROM performance_schema.events_statements_summary_by_digest
      WHERE SCHEMA_NAME = ${literal(handle.config.database)} AND DIGEST IS NOT NULL
      ORDER BY SUM_TIMER_WAIT DESC LIMIT ${MAX_QUERIES}`,
  );

/** Whether the server counts statements at all. */
async function digestsOff(session: Session): Promise<boolean> {
  const rows = await optional(
    session,
    "SELECT ENABLED AS enabled FROM performance_schema.setup_consumers WHERE NAME = 'statements_digest'",
  );
  return rows?.[0]?.enabled === "NO";
}

const queryOf = (row: Row): QueryStats["queries"][number] => ({
  queryId: row.id ?? "",
  text: row.text ?? "",
  calls: Number(row.calls),
  meanMs: Number(row.mean),
  maxMs: Number(row.max),
  totalMs: Number(row.total),
  rowCount: Number(row.n),
  cacheHitRatio: null,
});

async function readGeneral(session: Session): Promise<Pick<QueryStats, "connections" | "cacheHitRatio">> {
  const rows = await session.raw(
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'Threads_running', 'Innodb_buffer_pool_read_requests', 'Innodb_buffer_pool_reads')",
  );
  const status = new Map(
    rows.map((row) => [(row[0]?.toString() ?? "").toLowerCase(), Number(row[1]?.toString())]),
  );
  const [max] = await session.query("SELECT @@max_connections AS n");
  const waiting = await optional(
    session,
    "SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id WHERE p.COMMAND = 'Sleep'",
  );
  const running = status.get("threads_running") ?? 0;
  const idleInTransaction = Number(waiting?.[0]?.n ?? 0);
  const requests = status.get("innodb_buffer_pool_read_requests") ?? 0;
  return {
    connections: {
      active: running,
      idle: Math.max(0, (status.get("threads_connected") ?? 0) - running - idleInTransaction),
      idleInTransaction,
      max: Number(max?.n ?? 0),
    },
    cacheHitRatio: requests > 0 ? 1 - (status.get("innodb_buffer_pool_reads") ?? 0) / requests : null,
  };
}
