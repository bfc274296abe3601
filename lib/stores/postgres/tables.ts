import type { Session } from "@/lib/stores/postgres/client";
import { KEY_SQL, kindOf, RELATION_KINDS } from "@/lib/stores/postgres/describe";
import { flavouredTables } from "@/lib/stores/postgres/flavour-tables";
import type { TableSummary } from "@/lib/stores/table";

/** Schemas of the server itself and of extensions that keep their own books. */
const HIDDEN =
  "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '_timescaledb_catalog', '_timescaledb_internal', '_timescaledb_config', '_timescaledb_cache', 'columnar', 'columnar_internal')";

/** At most so many tables are listed: a database with more has its largest shown. */
const MAX_TABLES = 2_000;

/**
 * Tables, partitioned tables, views and foreign tables that the user may see, largest first, from statistics.
 * Partitions are counted with their parent and not listed; tables of extensions are left out.
 */
export async function listTables(session: Session): Promise<TableSummary[]> {
  return flavouredTables(session, await plainTables(session));
}

async function plainTables(session: Session): Promise<TableSummary[]> {
  const rows = await session.query(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind::text AS relkind, c.relispartition::text AS partition,
            (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam) AS method,
            s.rows::text AS rows, coalesce(s.bytes, 0)::text AS bytes,
            (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) ORDER BY a.attnum)
               FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)::text AS columns,
            (${KEY_SQL("c.oid")}) AS key
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       CROSS JOIN LATERAL (
         SELECT CASE WHEN bool_or(p.reltuples < 0 AND p.relkind IN ('r', 'm')) THEN NULL
                     WHEN c.relkind IN ('v', 'f') THEN NULL
                     ELSE sum(p.reltuples) FILTER (WHERE p.relkind IN ('r', 'm')) END AS rows,
                sum(pg_total_relation_size(p.oid)) FILTER (WHERE p.relkind IN ('r', 'm')) AS bytes
           FROM pg_class p
          WHERE p.oid = c.oid OR (c.relkind = 'p' AND p.oid IN (SELECT relid FROM pg_partition_tree(c.oid)))) s
      WHERE c.relkind IN (${RELATION_KINDS}) AND NOT c.relispartition AND c.relpersistence <> 't' AND ${HIDDEN}
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        AND has_schema_privilege(n.oid, 'USAGE')
      ORDER BY coalesce(s.bytes, 0) DESC, n.nspname, c.relname LIMIT ${MAX_TABLES}`,
  );
  return rows.map((row) => ({
    ref: { schema: row.schema ?? "", name: row.name ?? "" },
    kind: kindOf(row.relkind ?? "r", row.partition === "true", row.method),
    rowCount: row.rows == null ? null : Math.round(Number(row.rows)),
    sizeBytes: Number(row.bytes ?? 0),
    columns: JSON.parse(row.columns ?? "[]") as { name: string; type: string }[],
    key: row.key == null ? null : (JSON.parse(row.key) as string[]),
  }));
}
