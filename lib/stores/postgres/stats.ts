import type { Session } from "@/lib/stores/postgres/client";
import { describeTable, type PgShape, partsSql } from "@/lib/stores/postgres/describe";
import { sqlState } from "@/lib/stores/postgres/errors";
import { flavouredStats } from "@/lib/stores/postgres/flavour-stats";
import { microsSql } from "@/lib/stores/postgres/instant";
import { columnOf } from "@/lib/stores/postgres/shapes";
import { col, tableName } from "@/lib/stores/postgres/sql";
import type { TableRef, TableStats, TimeColumn } from "@/lib/stores/table";
import { instantText } from "@/lib/stores/text-form";

/** Longest time spent on the oldest and newest row: they are a nicety, not worth a scan. */
const EDGE_TIMEOUT_MS = 400;

/** Sizes, counters and the age of a table from statistics; oldest and newest row where an index has them. */
export async function tableStats(
  session: Session,
  ref: TableRef,
  time: TimeColumn | null,
): Promise<TableStats> {
  const shape = await describeTable(session, ref);
  const [row] = await session.query(
    `SELECT CASE WHEN bool_or(c.reltuples < 0) THEN NULL ELSE sum(c.reltuples) END::text AS rows,
            sum(pg_relation_size(c.oid) + pg_relation_size(c.oid, 'fsm') + pg_relation_size(c.oid, 'vm'))::text AS heap,
            sum(pg_indexes_size(c.oid))::text AS indexes,
            sum(coalesce(pg_total_relation_size(nullif(c.reltoastrelid, 0)), 0))::text AS toast,
            sum(pg_total_relation_size(c.oid))::text AS total,
            sum(s.n_dead_tup)::text AS dead, sum(s.n_live_tup)::text AS live,
            to_char(max(greatest(s.last_vacuum, s.last_autovacuum)), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS vacuum,
            to_char(max(greatest(s.last_analyze, s.last_autoanalyze)), 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS analyze
       FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
      WHERE ${partsSql(shape)}`,
    [shape.oid],
  );
  const notes: string[] = [];
  const edges = time ? await readEdges(session, shape, time, notes) : { oldestAt: null, newestAt: null };
  if (time) await noteMissingTimes(session, shape, time, Number(row?.rows ?? 0), notes);
  const number = (value: string | null | undefined) => (value == null ? null : Math.round(Number(value)));
  return flavouredStats(session, shape, {
    rowCount: number(row?.rows),
    heapBytes: number(row?.heap) ?? 0,
    indexBytes: number(row?.indexes) ?? 0,
    toastBytes: number(row?.toast) ?? 0,
    totalBytes: number(row?.total) ?? 0,
    deadRows: number(row?.dead),
    liveRows: number(row?.live),
    lastVacuumAt: row?.vacuum ?? null,
    lastAnalyzeAt: row?.analyze ?? null,
    ...edges,
    indexes: shape.indexes,
    notes,
  });
}

/** The oldest and newest time: by an index within a moment, else from the histogram of the statistics. */
async function readEdges(session: Session, shape: PgShape, time: TimeColumn, notes: string[]) {
  const column = columnOf(shape, time.column);
  const value = col("r", column.name);
  const finite = ["timestamp", "timestamptz", "date"].includes(time.unit)
    ? `${value} > '-infinity' AND ${value} < 'infinity'`
    : `${value} IS NOT NULL`;
  const edge = (direction: string) =>
    `(SELECT ${microsSql(time.unit, value)} FROM ${tableName(shape.ref)} r WHERE ${finite} ORDER BY ${value} ${direction} LIMIT 1)::text`;
  await session.query("SAVEPOINT strata_edges");
  try {
    await session.query(`SET LOCAL statement_timeout = ${EDGE_TIMEOUT_MS}`);
    const [row] = await session.query(`SELECT ${edge("ASC")} AS oldest, ${edge("DESC")} AS newest`);
    await session.query("RELEASE SAVEPOINT strata_edges");
    return { oldestAt: isoOf(row?.oldest), newestAt: isoOf(row?.newest) };
  } catch (error) {
    const state = sqlState(error);
    if (state !== "57014" && state !== "42501") throw error;
    await session.query("ROLLBACK TO SAVEPOINT strata_edges");
    notes.push(
      state === "57014"
        ? `No index begins with ${column.name}: the oldest and newest row are not known.`
        : "The right SELECT on this table is missing: the oldest and newest row are not known.",
    );
    return { oldestAt: null, newestAt: null };
  }
}

const isoOf = (us: string | null | undefined): string | null => {
  if (us == null) return null;
  const text = instantText(BigInt(us));
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?$/.test(text) ? `${text.replace(" ", "T")}Z` : null;
};

/** Rows without a time are in no scope: they never move, which somebody should know. */
async function noteMissingTimes(
  session: Session,
  shape: PgShape,
  time: TimeColumn,
  rowCount: number,
  notes: string[],
): Promise<void> {
  const [row] = await session.query(
    "SELECT max(null_frac)::text AS share FROM pg_stats WHERE schemaname = $1 AND tablename = $2 AND attname = $3",
    [shape.ref.schema, shape.ref.name, time.column],
  );
  const missing = Math.round(Number(row?.share ?? 0) * rowCount);
  if (missing > 0) notes.push(`About ${missing} rows have no ${time.column}: they are never archived.`);
}
