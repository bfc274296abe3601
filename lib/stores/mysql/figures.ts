import type { MyHandle, Session } from "@/lib/stores/mysql/client";
import { optional } from "@/lib/stores/mysql/describe";
import { literal } from "@/lib/stores/mysql/sql";
import type { Figure, Limit, StoreFigures } from "@/lib/stores/store";

const MAX_TABLES = 50;
const TIMEOUT_MS = 5_000;

/** Connections, buffer pool, history that waits to be purged, and the largest tables. */
export async function readFigures(handle: MyHandle, signal: AbortSignal): Promise<StoreFigures> {
  return handle.run({ signal, timeoutMs: TIMEOUT_MS }, async (session) => {
    const status = await readStatus(session);
    const number = (name: string) => (status.has(name) ? Number(status.get(name)) : null);
    const page = number("innodb_page_size") ?? 16_384;
    const times = (value: number | null) => (value === null ? null : value * page);
    const [limits] = await session.query(
      "SELECT @@max_connections AS connections, @@innodb_buffer_pool_size AS pool",
    );
    const requests = number("innodb_buffer_pool_read_requests");
    const reads = number("innodb_buffer_pool_reads");
    const history = await historyLength(session);
    const notes: Limit[] = history === null ? [{ key: "noProcess", severity: "info", details: {} }] : [];
    const figures: Figure[] = [
      charted("connections", number("threads_connected"), "count", Number(limits?.connections)),
      charted("threadsRunning", number("threads_running"), "count"),
      charted("bufferPool", times(number("innodb_buffer_pool_pages_data")), "bytes", Number(limits?.pool)),
      charted("bufferHits", requests && reads !== null ? 1 - reads / requests : null, "ratio"),
      charted("dirtyPages", times(number("innodb_buffer_pool_pages_dirty")), "bytes"),
      charted("historyList", history, "count"),
      charted("rowLockWaits", number("innodb_row_lock_current_waits"), "count"),
      { key: "slowQueries", value: number("slow_queries"), unit: "count" },
      { key: "uptime", value: number("uptime"), unit: "seconds" },
    ];
    return { figures, breakdowns: await tablesBySize(handle, session), notes };
  });
}

const charted = (key: string, value: number | null, unit: Figure["unit"], limit?: number): Figure => ({
  key,
  value,
  unit,
  charted: true,
  ...(limit !== undefined && Number.isFinite(limit) && { limit }),
});

const NAMES = [
  "Threads_connected",
  "Threads_running",
  "Innodb_page_size",
  "Innodb_buffer_pool_pages_data",
  "Innodb_buffer_pool_pages_dirty",
  "Innodb_buffer_pool_read_requests",
  "Innodb_buffer_pool_reads",
  "Innodb_row_lock_current_waits",
  "Slow_queries",
  "Uptime",
];

async function readStatus(session: Session): Promise<Map<string, string>> {
  const rows = await session.raw(
    `SHOW GLOBAL STATUS WHERE Variable_name IN (${NAMES.map(literal).join(", ")})`,
  );
  return new Map(rows.map((row) => [(row[0]?.toString() ?? "").toLowerCase(), row[1]?.toString() ?? ""]));
}

/** Old versions of rows that wait for a purge: it grows while a transaction stays open. Needs PROCESS. */
async function historyLength(session: Session): Promise<number | null> {
  const rows = await optional(
    session,
    "SELECT COUNT AS n FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'",
  );
  return rows?.[0]?.n == null ? null : Number(rows[0].n);
}

async function tablesBySize(handle: MyHandle, session: Session): Promise<StoreFigures["breakdowns"]> {
  const rows = await session.query(
    `SELECT TABLE_NAME AS name, DATA_LENGTH + INDEX_LENGTH AS bytes, ENGINE AS engine FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${literal(handle.config.database)} AND TABLE_TYPE <> 'VIEW' ORDER BY bytes DESC LIMIT ${MAX_TABLES}`,
  );
  const tables = rows.map((row) => ({
    label: row.name ?? "",
    value: Number(row.bytes ?? 0),
    ...(row.engine && row.engine !== "InnoDB" && { note: row.engine }),
  }));
  return [{ key: "bytesByTable", unit: "bytes", rows: tables }];
}
