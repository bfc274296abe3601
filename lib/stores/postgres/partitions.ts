import { attempt, orElse } from "@/lib/stores/postgres/attempt";
import type { Session } from "@/lib/stores/postgres/client";
import { flavourOf } from "@/lib/stores/postgres/flavour";
import { microsSql } from "@/lib/stores/postgres/instant";
import { columnOf, type PgScope } from "@/lib/stores/postgres/shapes";
import { parameters, tableName } from "@/lib/stores/postgres/sql";
import { CHUNK_SIZES_SQL, CHUNKS_SQL, DIMENSION_SQL, wholeChunks } from "@/lib/stores/postgres/timescale";
import type { PartitionSlice } from "@/lib/stores/rows";

/** `FOR VALUES FROM ('2025-01-01') TO ('2025-02-01')`, as pg_get_expr prints a bound of one column. */
const RANGE =
  /^FOR VALUES FROM \((?:'([^']*)'|(-?\d+)|(MINVALUE))\) TO \((?:'([^']*)'|(-?\d+)|(MAXVALUE))\)$/;

/**
 * Partitions of the root, by range of its time column, that lie wholly inside the scope; oldest first. None for
 * a family with members: what hangs on a detached partition would stay behind.
 */
export async function wholePartitions(session: Session, scope: PgScope): Promise<PartitionSlice[]> {
  const [root] = scope.members;
  if (scope.members.length === 1 && root.shape.kind === "hypertable") return chunksIn(session, scope);
  if (scope.members.length > 1 || root.shape.kind !== "partitioned" || scope.untilUs === null) return [];
  const rows = await session.query(
    `SELECT n.nspname AS schema, c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bound,
            c.reltuples::text AS rows, pg_total_relation_size(c.oid)::text AS bytes
       FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_partitioned_table p ON p.partrelid = h.inhparent AND p.partstrat = 'r' AND p.partnatts = 1
       JOIN pg_attribute a ON a.attrelid = h.inhparent AND a.attnum = p.partattrs[0]
      WHERE h.inhparent = $1::oid AND a.attname = $2 AND c.relkind = 'r'`,
    [root.shape.oid, scope.time.column],
  );
  const time = columnOf(root.shape, scope.time.column);
  const slices: PartitionSlice[] = [];
  for (const row of rows) {
    const match = RANGE.exec(row.bound ?? "");
    if (!match) continue;
    const bound = async (text: string | undefined) => {
      if (text === undefined) return null;
      const values = parameters();
      const sql = microsSql(scope.time.unit, `${values.text(text)}::${time.castType}`);
      const [found] = await session.query(`SELECT (${sql})::text AS us`, values.params);
      return found?.us == null ? null : BigInt(found.us);
    };
    const fromUs = await bound(match[1] ?? match[2]);
    const untilUs = await bound(match[4] ?? match[5]);
    const inside =
      untilUs !== null &&
      untilUs <= scope.untilUs &&
      (scope.fromUs === null || (fromUs !== null && fromUs >= scope.fromUs));
    if (!inside) continue;
    const rowCount = Number(row.rows ?? -1);
    slices.push({
      ref: { schema: row.schema ?? "", name: row.name ?? "" },
      fromUs,
      untilUs,
      rowCount: rowCount < 0 ? null : Math.round(rowCount),
      sizeBytes: Number(row.bytes ?? 0),
    });
  }
  return slices.sort((a, b) => ((a.untilUs ?? 0n) < (b.untilUs ?? 0n) ? -1 : 1));
}

/** Chunks of a hypertable, where they are cut by its time column. */
async function chunksIn(session: Session, scope: PgScope): Promise<PartitionSlice[]> {
  const [root] = scope.members;
  const { timescale } = await flavourOf(session);
  if (!timescale || scope.untilUs === null) return [];
  const read = await attempt(session, async () => {
    const { schema, name } = root.table;
    const [cut] = await session.query(DIMENSION_SQL, [schema, name]);
    if (cut?.column !== scope.time.column) return [];
    const chunks = await session.query(CHUNKS_SQL, [schema, name]);
    const sizes = await session.query(CHUNK_SIZES_SQL(timescale), [tableName(root.table)]);
    return wholeChunks(chunks, scope, sizes);
  });
  return orElse(read, []);
}
