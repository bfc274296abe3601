import { createHash } from "node:crypto";
import { StoreError } from "@/lib/errors";
import type { Row, Session } from "@/lib/stores/postgres/client";
import { flavouredKind, flavourOf } from "@/lib/stores/postgres/flavour";
import { type PgColumn, physicalOf } from "@/lib/stores/postgres/mapper";
import type { ForeignKey, IndexShape, TableRef, TableShape } from "@/lib/stores/table";

export interface PgShape extends TableShape {
  oid: string;
  columns: readonly PgColumn[];
  /** Whether a row has a place (ctid) by which it can be named when the table has no key. */
  hasPlace: boolean;
}

const KINDS: Readonly<Record<string, TableShape["kind"]>> = {
  r: "table",
  p: "partitioned",
  v: "view",
  m: "view",
  f: "foreign",
};

/** The kinds of relations that are listed: no indexes, sequences, composite types. */
export const RELATION_KINDS = "'r','p','v','m','f'";

/** `method`: how rows are stored; columnar tables take no UPDATE or DELETE, wherever they lie. */
export const kindOf = (relkind: string, isPartition: boolean, method?: string | null): TableShape["kind"] =>
  method === "columnar" && relkind === "r" && !isPartition
    ? "columnar"
    : isPartition && relkind === "r"
      ? "partition"
      : (KINDS[relkind] ?? "table");

/** Shape of a table from the catalogue. Throws not_found when there is none of that name. */
export async function describeTable(session: Session, ref: TableRef): Promise<PgShape> {
  const [table] = await session.query(
    `SELECT c.oid::text, c.relkind::text, c.relispartition::text AS partition, c.relrowsecurity::text AS security,
            EXISTS (SELECT FROM pg_extension WHERE extname IN ('timescaledb', 'citus'))::text AS flavoured,
            (SELECT m.amname FROM pg_am m WHERE m.oid = c.relam) AS method
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN (${RELATION_KINDS})`,
    [ref.schema, ref.name],
  );
  if (!table?.oid) throw tableMissing(ref);
  const plainKind = kindOf(table.relkind ?? "r", table.partition === "true", table.method);
  const kind =
    table.flavoured === "true" && plainKind === "table"
      ? ((await flavouredKind(session, ref, await flavourOf(session))) ?? plainKind)
      : plainKind;
  const columns = await readColumns(session, table.oid);
  const indexes = await readIndexes(session, table.oid);
  const triggers = await readTriggers(session, table.oid);
  const keys = await readForeignKeys(session, table.oid);
  const shape = {
    ref: { schema: ref.schema, name: ref.name },
    kind,
    columns,
    key: await readKey(session, table.oid),
    indexes,
    triggers,
    incoming: keys.filter((key) => key.incoming).map((key) => key.foreignKey),
    outgoing: keys.filter((key) => !key.incoming).map((key) => key.foreignKey),
    rowSecurity: table.security === "true",
  };
  return {
    ...shape,
    oid: table.oid,
    hasPlace: table.relkind === "r" || table.relkind === "m",
    fingerprint: fingerprint(shape),
  };
}

/** The relations `c` that hold a table's rows: it alone, its partitions, or its chunks. `$1` is its oid. */
export const partsSql = ({ kind }: Pick<PgShape, "kind">): string =>
  kind === "hypertable"
    ? "c.relkind = 'r' AND (c.oid = $1::oid OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = $1::oid))"
    : "c.relkind IN ('r', 'm') AND (c.oid = $1::oid OR c.oid IN (SELECT relid FROM pg_partition_tree($1::oid)))";

export const tableMissing = (ref: TableRef) =>
  new StoreError("not_found", `The table ${ref.schema}.${ref.name} is not there. Nothing was changed.`, {
    key: "postgres.tableMissing",
    details: { table: `${ref.schema}.${ref.name}` },
  });

async function readColumns(session: Session, oid: string): Promise<PgColumn[]> {
  const rows = await session.query(
    `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, format_type(a.atttypid, -1) AS cast_type,
            a.attnotnull::text AS notnull, a.attidentity::text AS identity, a.attgenerated::text AS generated,
            (a.attlen = -1)::text AS variable, pg_get_expr(d.adbin, d.adrelid) AS default,
            (WITH RECURSIVE up AS (
               SELECT t.typbasetype, t.typname, t.typtype, t.typnamespace FROM pg_type t WHERE t.oid = a.atttypid
               UNION ALL
               SELECT b.typbasetype, b.typname, b.typtype, b.typnamespace FROM up JOIN pg_type b ON b.oid = up.typbasetype)
             SELECT CASE WHEN typnamespace = 'pg_catalog'::regnamespace THEN typname::text ELSE 'other' END
               FROM up WHERE typtype <> 'd') AS base_type
       FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
    [oid],
  );
  return rows.map(columnOf);
}

function columnOf(row: Row): PgColumn {
  const baseType = row.base_type ?? "other";
  const generated = row.generated !== "" ? "stored" : row.identity !== "" ? "identity" : "no";
  return {
    name: row.name ?? "",
    type: row.type ?? "",
    physical: physicalOf(baseType),
    nullable: row.notnull !== "true",
    generated,
    default: generated === "stored" ? null : (row.default ?? null),
    baseType,
    castType: row.cast_type ?? "text",
    variableWidth: row.variable === "true",
  };
}

/** Primary key, else the unique index over not-null columns with the fewest of them. */
async function readKey(session: Session, oid: string): Promise<string[] | null> {
  const [row] = await session.query(`${KEY_SQL("$1::oid")}`, [oid]);
  return row?.key ? (JSON.parse(row.key) as string[]) : null;
}

export const KEY_SQL = (oid: string): string => `
  SELECT (SELECT json_agg(a.attname ORDER BY k.at) FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, at)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
           WHERE k.at <= i.indnkeyatts)::text AS key
    FROM pg_index i
   WHERE i.indrelid = ${oid} AND i.indisunique AND i.indisvalid AND i.indimmediate
     AND i.indpred IS NULL AND i.indexprs IS NULL
     AND NOT EXISTS (SELECT FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, at)
                       JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                      WHERE k.at <= i.indnkeyatts AND NOT a.attnotnull)
   ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1`;

export async function readIndexes(session: Session, oid: string): Promise<IndexShape[]> {
  const rows = await session.query(
    `SELECT c.relname AS name, i.indisunique::text AS unique, i.indisprimary::text AS primary, i.indisvalid::text AS valid,
            am.amname AS method, pg_get_indexdef(i.indexrelid) AS definition,
            pg_relation_size(i.indexrelid)::text AS size, s.idx_scan::text AS scans,
            (SELECT json_agg(coalesce(a.attname::text, pg_get_indexdef(i.indexrelid, k.at::int, true)) ORDER BY k.at)
               FROM unnest(i.indkey::int2[]) WITH ORDINALITY k(attnum, at)
               LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum AND k.attnum > 0
              WHERE k.at <= i.indnkeyatts)::text AS columns
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam
       LEFT JOIN pg_stat_all_indexes s ON s.indexrelid = i.indexrelid
      WHERE i.indrelid = $1::oid ORDER BY i.indisprimary DESC, c.relname`,
    [oid],
  );
  return rows.map((row) => ({
    name: row.name ?? "",
    columns: JSON.parse(row.columns ?? "[]") as string[],
    unique: row.unique === "true",
    primary: row.primary === "true",
    valid: row.valid === "true",
    method: row.method ?? "",
    definition: row.definition ?? "",
    sizeBytes: Number(row.size ?? 0),
    scans: row.scans == null ? null : Number(row.scans),
  }));
}

async function readTriggers(session: Session, oid: string): Promise<TableShape["triggers"]> {
  const rows = await session.query(
    `SELECT tgname AS name, tgtype::text AS type, pg_get_triggerdef(oid) AS definition
       FROM pg_trigger WHERE tgrelid = $1::oid AND NOT tgisinternal AND tgenabled <> 'D' ORDER BY tgname`,
    [oid],
  );
  return rows.map((row) => ({
    name: row.name ?? "",
    events: triggerEvents(Number(row.type ?? 0)),
    definition: row.definition ?? "",
  }));
}

/** Bits of pg_trigger.tgtype (src/include/catalog/pg_trigger.h). */
function triggerEvents(type: number): string[] {
  const events = [
    [4, "insert"],
    [8, "delete"],
    [16, "update"],
    [32, "truncate"],
  ] as const;
  return events.filter(([bit]) => (type & bit) !== 0).map(([, name]) => name);
}

const ON_DELETE: Readonly<Record<string, ForeignKey["onDelete"]>> = {
  a: "no action",
  r: "restrict",
  c: "cascade",
  n: "set null",
  d: "set default",
};

async function readForeignKeys(
  session: Session,
  oid: string,
): Promise<{ incoming: boolean; foreignKey: ForeignKey }[]> {
  const names = (rel: string, list: string) =>
    `(SELECT json_agg(a.attname ORDER BY k.at) FROM unnest(${list}) WITH ORDINALITY k(attnum, at)
        JOIN pg_attribute a ON a.attrelid = ${rel} AND a.attnum = k.attnum)::text`;
  // A partition's copies of its parent's constraints (conparentid) say nothing new.
  const rows = await session.query(
    `SELECT (o.confrelid = $1::oid)::text AS incoming, o.conname AS name, o.confdeltype::text AS on_delete,
            tn.nspname AS schema, t.relname AS table, rn.nspname AS ref_schema, r.relname AS ref_table,
            ${names("o.conrelid", "o.conkey")} AS columns, ${names("o.confrelid", "o.confkey")} AS ref_columns
       FROM pg_constraint o
       JOIN pg_class t ON t.oid = o.conrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
       JOIN pg_class r ON r.oid = o.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace
      WHERE o.contype = 'f' AND o.conparentid = 0 AND (o.conrelid = $1::oid OR o.confrelid = $1::oid)
      ORDER BY o.conname, o.oid`,
    [oid],
  );
  return rows.map((row) => ({
    incoming: row.incoming === "true",
    foreignKey: {
      name: row.name ?? "",
      table: { schema: row.schema ?? "", name: row.table ?? "" },
      columns: JSON.parse(row.columns ?? "[]") as string[],
      references: { schema: row.ref_schema ?? "", name: row.ref_table ?? "" },
      referencedColumns: JSON.parse(row.ref_columns ?? "[]") as string[],
      onDelete: ON_DELETE[row.on_delete ?? "a"] ?? "no action",
    },
  }));
}

/** Changes with anything a plan relies on; not with sizes and counters. */
function fingerprint(shape: Omit<TableShape, "fingerprint">): string {
  const indexes = shape.indexes.map(({ name, definition, valid }) => ({ name, definition, valid }));
  const columns = shape.columns.map(({ name, type, nullable, generated }) => ({
    name,
    type,
    nullable,
    generated,
  }));
  const stable = JSON.stringify({ ...shape, indexes, columns });
  return createHash("sha256").update(stable).digest("hex").slice(0, 32);
}
