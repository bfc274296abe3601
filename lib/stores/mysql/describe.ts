import { createHash } from "node:crypto";
import { StoreError } from "@/lib/errors";
import type { Row, Session } from "@/lib/stores/mysql/client";
import { errorNumber } from "@/lib/stores/mysql/errors";
import { type MyColumn, physicalOf } from "@/lib/stores/mysql/mapper";
import { literal } from "@/lib/stores/mysql/sql";
import type { ForeignKey, IndexShape, TableRef, TableShape } from "@/lib/stores/table";

export interface MyShape extends TableShape {
  columns: readonly MyColumn[];
  engine: string;
  /** Whether what was written can be undone, and rows can be locked. */
  transactional: boolean;
  charset: string | null;
}

/** Engines whose changes take part in a transaction (MyRocks and NDB besides InnoDB). */
const TRANSACTIONAL = new Set(["innodb", "rocksdb", "ndbcluster", "tokudb"]);

export const kindOf = (tableType: string, partitioned: boolean): string =>
  tableType.endsWith("VIEW")
    ? "view"
    : partitioned
      ? "partitioned"
      : tableType.startsWith("SYSTEM V")
        ? "versioned"
        : "table";

const at = (ref: TableRef): string =>
  `TABLE_SCHEMA = ${literal(ref.schema)} AND TABLE_NAME = ${literal(ref.name)}`;

/** Shape of a table from information_schema. Throws not_found when there is none of that name. */
export async function describeTable(session: Session, ref: TableRef): Promise<MyShape> {
  const [table] = await session.query(
    `SELECT TABLE_SCHEMA AS schema_name, TABLE_NAME AS name, TABLE_TYPE AS type, ENGINE AS engine, CREATE_OPTIONS AS options, TABLE_COLLATION AS collation
       FROM information_schema.TABLES WHERE ${at(ref)}`,
  );
  if (!table) throw tableMissing(ref);
  const columns = await readColumns(session, ref);
  const indexes = await readIndexes(session, ref);
  const engine = table.engine ?? "";
  const shape = {
    ref: { schema: ref.schema, name: ref.name },
    kind: kindOf(table.type ?? "", /partitioned/i.test(table.options ?? "")),
    columns,
    key: keyOf(columns, indexes),
    indexes: indexes.map(({ whole: _, ...index }) => index),
    triggers: await readTriggers(session, ref),
    ...(await readForeignKeys(session, ref)),
    rowSecurity: false,
    engine,
    transactional: TRANSACTIONAL.has(engine.toLowerCase()),
    charset: table.collation?.split("_")[0] ?? null,
  };
  return { ...shape, fingerprint: fingerprint(shape) };
}

export const tableMissing = (ref: TableRef) =>
  new StoreError("not_found", `The table ${ref.schema}.${ref.name} is not there. Nothing was changed.`, {
    key: "mysql.tableMissing",
    details: { table: `${ref.schema}.${ref.name}` },
  });

async function readColumns(session: Session, ref: TableRef): Promise<MyColumn[]> {
  const rows = await session.query(
    `SELECT COLUMN_NAME AS name, COLUMN_TYPE AS type, DATA_TYPE AS data_type, IS_NULLABLE AS nullable, EXTRA AS extra,
            COLUMN_DEFAULT AS default_value, CHARACTER_SET_NAME AS charset, COLLATION_NAME AS collation,
            DATETIME_PRECISION AS digits, GENERATION_EXPRESSION AS expression
       FROM information_schema.COLUMNS WHERE ${at(ref)} ORDER BY ORDINAL_POSITION`,
  );
  return rows.map(columnOf);
}

function columnOf(row: Row): MyColumn {
  const dataType = (row.data_type ?? "").toLowerCase();
  const type = row.type ?? "";
  const extra = row.extra ?? "";
  const stored = (row.expression ?? "") !== "" || /\b(virtual|stored|persistent) generated\b/i.test(extra);
  return {
    name: row.name ?? "",
    type,
    physical: physicalOf(dataType),
    nullable: row.nullable === "YES",
    generated: stored ? "stored" : /auto_increment/i.test(extra) ? "identity" : "no",
    default: stored ? null : (row.default_value ?? null),
    dataType,
    fractionDigits: Number(row.digits ?? 0),
    charset: row.charset ?? null,
    collation: row.collation ?? null,
    unsigned: / unsigned/.test(type),
    zerofill: / zerofill/.test(type),
  };
}

type Index = IndexShape & { whole: boolean };

async function readIndexes(session: Session, ref: TableRef): Promise<Index[]> {
  const rows = await session.query(
    `SELECT INDEX_NAME AS name, COLUMN_NAME AS column_name, NON_UNIQUE AS non_unique, INDEX_TYPE AS method, SUB_PART AS part
       FROM information_schema.STATISTICS WHERE ${at(ref)} ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
  );
  const sizes = await indexSizes(session, ref);
  const scans = await indexScans(session, ref);
  const indexes = new Map<string, Row[]>();
  for (const row of rows) indexes.set(row.name ?? "", [...(indexes.get(row.name ?? "") ?? []), row]);
  return [...indexes]
    .map(([name, parts]) =>
      indexOf(name, parts, sizes.get(name) ?? 0, scans?.get(name) ?? (scans ? 0 : null)),
    )
    .sort((a, b) => Number(b.primary) - Number(a.primary));
}

function indexOf(name: string, parts: readonly Row[], sizeBytes: number, scans: number | null): Index {
  const [first] = parts;
  const columns = parts.map((part) => part.column_name ?? "(expression)");
  const listed = parts.map((part, at) => `\`${columns[at]}\`${part.part ? `(${part.part})` : ""}`);
  const unique = first?.non_unique === "0";
  const method = (first?.method ?? "").toLowerCase();
  const primary = name === "PRIMARY";
  const special = ["fulltext", "spatial"].includes(method)
    ? `${method.toUpperCase()} `
    : unique
      ? "UNIQUE "
      : "";
  return {
    name,
    columns,
    unique,
    primary,
    valid: true,
    method,
    definition: `${primary ? "PRIMARY KEY" : `${special}KEY \`${name}\``} (${listed.join(", ")})`,
    sizeBytes,
    scans,
    whole: parts.every((part) => part.part === null && part.column_name !== null),
  };
}

/** Primary key, else the unique index over whole, not-null columns with the fewest of them. */
function keyOf(columns: readonly MyColumn[], indexes: readonly Index[]): string[] | null {
  const nullable = new Set(columns.filter((column) => column.nullable).map(({ name }) => name));
  const [best] = indexes
    .filter((index) => index.unique && index.whole && index.columns.every((name) => !nullable.has(name)))
    .sort((a, b) => Number(b.primary) - Number(a.primary) || a.columns.length - b.columns.length);
  return best ? [...best.columns] : null;
}

/** Errors of a source of statistics that is not there, not for us, or not of this version. */
const UNAVAILABLE = new Set([1044, 1045, 1054, 1109, 1142, 1143, 1146, 1193, 1227, 1356, 1049]);

/** Rows of a source that may be absent; null then. */
export async function optional(session: Session, sql: string): Promise<Row[] | null> {
  try {
    return await session.query(sql);
  } catch (error) {
    if (UNAVAILABLE.has(errorNumber(error) ?? 0)) return null;
    throw error;
  }
}

/** From the persistent statistics, which need SELECT on mysql.innodb_index_stats; empty without. */
async function indexSizes(session: Session, ref: TableRef): Promise<Map<string, number>> {
  const rows = await optional(
    session,
    `SELECT index_name AS name, SUM(stat_value) * @@innodb_page_size AS bytes FROM mysql.innodb_index_stats
      WHERE database_name = ${literal(ref.schema)} AND stat_name = 'size'
        AND (table_name = ${literal(ref.name)} OR table_name LIKE ${literal(`${ref.name.replace(/[\\%_]/g, "\\$&")}#p#%`)})
      GROUP BY index_name`,
  );
  return new Map((rows ?? []).map((row) => [row.name ?? "", Number(row.bytes ?? 0)]));
}

/** Reads of each index since the server started; null where performance_schema does not tell. */
async function indexScans(session: Session, ref: TableRef): Promise<Map<string, number> | null> {
  const rows = await optional(
    session,
    `SELECT INDEX_NAME AS name, COUNT_READ AS scans FROM performance_schema.table_io_waits_summary_by_index_usage
      WHERE OBJECT_SCHEMA = ${literal(ref.schema)} AND OBJECT_NAME = ${literal(ref.name)} AND INDEX_NAME IS NOT NULL`,
  );
  if (!rows || rows.length === 0) return null;
  return new Map(rows.map((row) => [row.name ?? "", Number(row.scans ?? 0)]));
}

async function readTriggers(session: Session, ref: TableRef): Promise<TableShape["triggers"]> {
  const rows = await session.query(
    `SELECT TRIGGER_NAME AS name, EVENT_MANIPULATION AS event, ACTION_TIMING AS timing, ACTION_STATEMENT AS body
       FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = ${literal(ref.schema)} AND EVENT_OBJECT_TABLE = ${literal(ref.name)} ORDER BY TRIGGER_NAME`,
  );
  return rows.map((row) => ({
    name: row.name ?? "",
    events: [(row.event ?? "").toLowerCase()],
    definition: `${row.timing} ${row.event} ${row.body}`,
  }));
}

const ON_DELETE: Readonly<Record<string, ForeignKey["onDelete"]>> = {
  "NO ACTION": "no action",
  RESTRICT: "restrict",
  CASCADE: "cascade",
  "SET NULL": "set null",
  "SET DEFAULT": "set default",
};

/** Foreign keys from and to the table, those of other databases included as far as the account may see them. */
async function readForeignKeys(
  session: Session,
  ref: TableRef,
): Promise<{ incoming: ForeignKey[]; outgoing: ForeignKey[] }> {
  const rows = await session.query(
    `SELECT r.CONSTRAINT_SCHEMA AS schema_name, r.TABLE_NAME AS table_name, r.CONSTRAINT_NAME AS name, r.DELETE_RULE AS on_delete,
            r.UNIQUE_CONSTRAINT_SCHEMA AS to_schema, r.REFERENCED_TABLE_NAME AS to_table
       FROM information_schema.REFERENTIAL_CONSTRAINTS r
      WHERE (r.UNIQUE_CONSTRAINT_SCHEMA = ${literal(ref.schema)} AND r.REFERENCED_TABLE_NAME = ${literal(ref.name)})
         OR (r.CONSTRAINT_SCHEMA = ${literal(ref.schema)} AND r.TABLE_NAME = ${literal(ref.name)})
      ORDER BY r.CONSTRAINT_SCHEMA, r.CONSTRAINT_NAME`,
  );
  const incoming: ForeignKey[] = [];
  const outgoing: ForeignKey[] = [];
  for (const row of rows) {
    const key = await foreignKey(session, row);
    const is = (table: TableRef) => table.schema === ref.schema && table.name === ref.name;
    if (is(key.references)) incoming.push(key);
    if (is(key.table)) outgoing.push(key);
  }
  return { incoming, outgoing };
}

async function foreignKey(session: Session, row: Row): Promise<ForeignKey> {
  const table = { schema: row.schema_name ?? "", name: row.table_name ?? "" };
  const columns = await session.query(
    `SELECT COLUMN_NAME AS name, REFERENCED_COLUMN_NAME AS references_name FROM information_schema.KEY_COLUMN_USAGE
      WHERE ${at(table)} AND CONSTRAINT_NAME = ${literal(row.name ?? "")} AND REFERENCED_COLUMN_NAME IS NOT NULL ORDER BY ORDINAL_POSITION`,
  );
  return {
    name: row.name ?? "",
    table,
    columns: columns.map((column) => column.name ?? ""),
    references: { schema: row.to_schema ?? "", name: row.to_table ?? "" },
    referencedColumns: columns.map((column) => column.references_name ?? ""),
    onDelete: ON_DELETE[row.on_delete ?? ""] ?? "no action",
  };
}

/** Changes with anything a plan relies on; not with sizes and counters. */
function fingerprint(shape: Omit<MyShape, "fingerprint">): string {
  const indexes = shape.indexes.map(({ name, definition }) => ({ name, definition }));
  return createHash("sha256")
    .update(JSON.stringify({ ...shape, indexes }))
    .digest("hex")
    .slice(0, 32);
}
