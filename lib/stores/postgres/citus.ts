import type { Row } from "@/lib/stores/postgres/client";
import { citusKind } from "@/lib/stores/postgres/flavour";
import { literal, tableName } from "@/lib/stores/postgres/sql";
import type { Breakdown, Limit } from "@/lib/stores/store";
import type { TableAdvice, TableRef, TableSummary } from "@/lib/stores/table";

/** Rows are asked for of so many tables in a list: each asks every shard. */
export const MOST_COUNTED = 20;

/** Citus' own list. `table_size` there is text for people: bytes come from the function. */
export const CITUS_TABLES_SQL = `
  SELECT n.nspname AS schema, c.relname AS name, t.citus_table_type AS type, t.access_method AS method,
         t.distribution_column AS column, t.colocation_id::text AS colocation, t.shard_count::text AS shards,
         citus_total_relation_size(c.oid::regclass)::text AS bytes, citus_table_size(c.oid::regclass)::text AS table
    FROM citus_tables t JOIN pg_class c ON c.oid = t.table_name::oid JOIN pg_namespace n ON n.oid = c.relnamespace`;

export const ONE_CITUS_TABLE_SQL = `${CITUS_TABLES_SQL} WHERE n.nspname = $1 AND c.relname = $2`;

/** The planner's estimate of each shard, asked where the shard lies: the coordinator's own is empty. */
export const shardRowsSql = (ref: TableRef): string =>
  `SELECT shardid::text AS shard, success::text AS success, result FROM run_command_on_shards(${literal(tableName(ref))}::regclass,
     $$SELECT reltuples::bigint FROM pg_class WHERE oid = '%s'::regclass$$)`;

/** Live and dead rows, and rows changed since the last ANALYZE, of every shard, as `live dead changed`. */
export const shardDeadSql = (ref: TableRef): string =>
  `SELECT success::text AS success, result FROM run_command_on_shards(${literal(tableName(ref))}::regclass,
     $$SELECT concat_ws(' ', n_live_tup, n_dead_tup, n_mod_since_analyze) FROM pg_stat_user_tables WHERE relid = '%s'::regclass$$)`;

/** Sums over the shards that answered; nothing when one did not. */
export function deadOfShards(rows: readonly Row[]): { rows?: number; dead?: number; changed?: number } {
  if (rows.length === 0 || rows.some(({ success }) => success !== "true")) return {};
  const sum = (at: number) =>
    rows.reduce((total, { result }) => total + Number((result ?? "").split(" ")[at] ?? 0), 0);
  return { rows: sum(0), dead: sum(1), changed: sum(2) };
}

export const NODES_SQL = `
  SELECT nodename || ':' || nodeport AS label, isactive::text AS active, shouldhaveshards::text AS holds FROM pg_dist_node
   WHERE noderole = 'primary' ORDER BY 1`;

/** Text forms are made where a row lies, in the time zone of that server: no setting of ours gets there. */
export const TIME_ZONES_SQL =
  "SELECT nodename || ':' || nodeport AS label, success::text AS success, result FROM run_command_on_workers('SHOW TimeZone')";

const UTC_NAMES: ReadonlySet<string> = new Set([
  "UTC",
  "Etc/UTC",
  "UCT",
  "Etc/UCT",
  "Zulu",
  "Etc/Zulu",
  "Universal",
  "Etc/Universal",
  "GMT",
  "Etc/GMT",
]);

/** Nodes whose digests of times would not be ours. */
export const notUtc = (nodes: readonly Row[]): { node: string; zone: string }[] =>
  nodes
    .filter(({ success, result }) => success === "true" && !UTC_NAMES.has(result ?? ""))
    .map(({ label, result }) => ({ node: label ?? "", zone: result ?? "" }));

export const SHARDS_BY_NODE_SQL = `
  SELECT nodename || ':' || nodeport AS label, sum(shard_size)::text AS bytes, count(*)::text AS shards
    FROM citus_shards GROUP BY 1 ORDER BY sum(shard_size) DESC LIMIT 50`;

export const REBALANCE_SQL =
  "SELECT count(*)::text AS shards, coalesce(sum(shard_size), 0)::text AS bytes FROM get_rebalance_table_shards_plan()";

const idOf = (schema: string | null | undefined, name: string | null | undefined): string =>
  JSON.stringify([schema ?? "", name ?? ""]);

/** The list of tables with those of Citus as what they are; rows by `shardRows` where they were asked for. */
export function withCitusTables(
  tables: readonly TableSummary[],
  citus: readonly Row[],
  shardRows: ReadonlyMap<string, readonly Row[]>,
): TableSummary[] {
  const found = new Map(citus.map((row) => [idOf(row.schema, row.name), row]));
  return tables
    .map((table) => {
      const id = idOf(table.ref.schema, table.ref.name);
      const row = found.get(id);
      const kind = row ? citusKind(row) : null;
      if (!row || !kind) return table;
      const rows = shardRows.get(id);
      const sizeBytes = row.bytes == null ? table.sizeBytes : Number(row.bytes);
      return { ...table, kind, sizeBytes, rowCount: rows ? rowsOfShards(rows, row.type ?? "") : null };
    })
    .sort((a, b) => b.sizeBytes - a.sizeBytes);
}

/** Of a distributed table the sum over its shards; a reference table has the same rows on every node. Null: unknown. */
export function rowsOfShards(rows: readonly Row[], type: string): number | null {
  const counts = rows.map(({ success, result }) => (success === "true" ? Number(result) : Number.NaN));
  // -1: a shard that was never analyzed.
  if (counts.length === 0 || counts.some((count) => !Number.isFinite(count) || count < 0)) return null;
  return type === "reference" ? Math.max(...counts) : counts.reduce((sum, count) => sum + count, 0);
}

export const shardsByNode = (rows: readonly Row[]): Breakdown[] => {
  const by = (
    key: string,
    unit: Breakdown["unit"],
    value: (row: Row) => string | null | undefined,
  ): Breakdown => ({
    key,
    unit,
    rows: rows
      .map((row) => ({ label: row.label ?? "", value: Number(value(row) ?? 0) }))
      .sort((a, b) => b.value - a.value),
  });
  return [
    by("bytesByNode", "bytes", ({ bytes }) => bytes),
    by("shardsByNode", "count", ({ shards }) => shards),
  ];
};

export const nodeLimits = (nodes: readonly Row[]): Limit[] =>
  nodes
    .filter(({ active }) => active !== "true")
    .map(({ label }) => ({ key: "citusNodeInactive", severity: "warning", details: { node: label ?? "" } }));

/** Moving shards between nodes is the operator's to start: it runs for hours and belongs to no single table. */
export function rebalanceAdvice(plan: Row | undefined): TableAdvice[] {
  const shards = Number(plan?.shards ?? 0);
  if (shards === 0) return [];
  return [
    {
      key: "citusRebalance",
      worth: "maybe",
      details: { shards, sizeBytes: Number(plan?.bytes ?? 0) },
      action: null,
      statements: ["SELECT * FROM get_rebalance_table_shards_plan();", "SELECT citus_rebalance_start();"],
    },
  ];
}

/** Whether rows can go from one table to the other in one statement: on the same node by the same column. */
export const areColocated = (a: Row, b: Row): boolean =>
  a.type === "distributed" &&
  b.type === "distributed" &&
  a.colocation === b.colocation &&
  a.colocation != null;

/** What makes a new archive table lie where the hot one does; empty for a table on the coordinator alone. */
export function distributeSql(hot: TableRef, table: Row | undefined, target: TableRef): string[] {
  const name = literal(tableName(target));
  if (table?.type === "reference") return [`SELECT create_reference_table(${name})`];
  if (table?.type !== "distributed") return [];
  // The column is a value here, not an identifier: as the catalogue has it.
  return [
    `SELECT create_distributed_table(${name}, ${literal(table.column ?? "")}, colocate_with => ${literal(tableName(hot))})`,
  ];
}

/** How an archive table comes to lie beside the hot one, and why one that is there may not. */
export function spreadPlan(
  hot: TableRef,
  table: Row | undefined,
  target: TableRef,
  exists: boolean,
  archive: Row | undefined,
): { ddl: string[]; drift: string[] } {
  if (!table) return { ddl: [], drift: [] };
  const isLocal = archive === undefined || archive.type === "local";
  if (!exists) return { ddl: distributeSql(hot, table, target), drift: [] };
  if (isLocal) {
    const drift = [`it lies on the coordinator alone, ${hot.schema}.${hot.name} on all nodes`];
    return { ddl: distributeSql(hot, table, target), drift };
  }
  if (table.type === "reference" && archive.type === "reference") return { ddl: [], drift: [] };
  if (areColocated(table, archive) && table.column === archive.column) return { ddl: [], drift: [] };
  const how = `${archive.type ?? ""} by ${archive.column ?? ""} (colocation ${archive.colocation ?? ""})`;
  const wanted = `${table.column ?? ""} (colocation ${table.colocation ?? ""})`;
  return {
    ddl: [],
    drift: [`it is ${how}, the hot table by ${wanted}: Citus cannot move rows between them`],
  };
}
