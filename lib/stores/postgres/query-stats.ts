import type { PgHandle, Row, Session } from "@/lib/stores/postgres/client";
import { sqlState } from "@/lib/stores/postgres/errors";
import { ident } from "@/lib/stores/postgres/sql";
import type { QueryStats } from "@/lib/stores/store";

const MAX_QUERIES = 50;
const MAX_TEXT_CHARS = 4_000;

/** The slowest statements by total time, connections and cache hit ratio. Never fails for a missing extension. */
export async function readQueryStats(handle: PgHandle, signal: AbortSignal): Promise<QueryStats> {
  return handle.run({ signal }, async (session) => {
    const general = await readGeneral(session);
    const base = { connections: general.connections, cacheHitRatio: general.cacheHitRatio };
    const [extension] = await session.query(
      "SELECT n.nspname AS schema, e.extversion AS version FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pg_stat_statements'",
    );
    if (!extension) return { ...base, ...unavailable("notInstalled") };
    await session.query("SAVEPOINT strata_statements");
    try {
      const rows = await readStatements(session, extension.schema ?? "public");
      const since = await readSince(session, extension.schema ?? "public");
      return { ...base, available: true, hintKey: null, since, queries: rows.map(queryOf) };
    } catch (error) {
      const state = sqlState(error);
      await session.query("ROLLBACK TO SAVEPOINT strata_statements");
      // 55000: the library is not in shared_preload_libraries.
      if (state === "55000") return { ...base, ...unavailable("notLoaded") };
      if (state === "42501") return { ...base, ...unavailable("noRight") };
      throw error;
    }
  });
}

const unavailable = (hintKey: string) => ({ available: false, hintKey, since: null, queries: [] });

const readStatements = (session: Session, schema: string): Promise<Row[]> =>
  session.query(
    `SELECT s.queryid::text AS id, left(s.query, ${MAX_TEXT_CHARS}) AS text, sum(s.calls)::text AS calls,
            (sum(s.total_exec_time) / nullif(sum(s.calls), 0))::text AS mean, max(s.max_exec_time)::text AS max,
            sum(s.total_exec_time)::text AS total, sum(s.rows)::text AS rows,
            (sum(s.shared_blks_hit)::float8 / nullif(sum(s.shared_blks_hit + s.shared_blks_read), 0))::text AS ratio
       FROM ${ident(schema)}.pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
      WHERE d.datname = current_database() AND s.queryid IS NOT NULL
      GROUP BY s.queryid, left(s.query, ${MAX_TEXT_CHARS}) ORDER BY sum(s.total_exec_time) DESC LIMIT ${MAX_QUERIES}`,
  );

async function readSince(session: Session, schema: string): Promise<string | null> {
  const [row] = await session.query(
    `SELECT to_char(stats_reset, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since FROM ${ident(schema)}.pg_stat_statements_info`,
  );
  return row?.since ?? null;
}

const queryOf = (row: Row): QueryStats["queries"][number] => ({
  queryId: row.id ?? "",
  text: row.text ?? "",
  calls: Number(row.calls),
  meanMs: Number(row.mean),
  maxMs: Number(row.max),
  totalMs: Number(row.total),
  rowCount: Number(row.rows),
  cacheHitRatio: row.ratio == null ? null : Number(row.ratio),
});

async function readGeneral(session: Session): Promise<Pick<QueryStats, "connections" | "cacheHitRatio">> {
  const [row] = await session.query(
    `SELECT (SELECT count(*) FILTER (WHERE state = 'active') FROM pg_stat_activity WHERE backend_type = 'client backend')::text AS active,
            (SELECT count(*) FILTER (WHERE state = 'idle') FROM pg_stat_activity WHERE backend_type = 'client backend')::text AS idle,
            (SELECT count(*) FILTER (WHERE state LIKE 'idle in transaction%') FROM pg_stat_activity WHERE backend_type = 'client backend')::text AS waiting,
            current_setting('max_connections') AS max,
            (SELECT blks_hit::float8 / nullif(blks_hit + blks_read, 0) FROM pg_stat_database WHERE datname = current_database())::text AS ratio`,
  );
  return {
    connections: row
      ? {
          active: Number(row.active),
          idle: Number(row.idle),
          idleInTransaction: Number(row.waiting),
          max: Number(row.max),
        }
      : null,
    cacheHitRatio: row?.ratio == null ? null : Number(row.ratio),
  };
}
