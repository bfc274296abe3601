import { StoreError } from "@/lib/errors";
import { attempt, orElse } from "@/lib/stores/postgres/attempt";
import { ONE_CITUS_TABLE_SQL, spreadPlan } from "@/lib/stores/postgres/citus";
import type { Session } from "@/lib/stores/postgres/client";
import { describeTable, type PgShape } from "@/lib/stores/postgres/describe";
import type { PgColumn } from "@/lib/stores/postgres/mapper";
import { ident, literal, tableName } from "@/lib/stores/postgres/sql";
import type { ArchiveTablePlan, FamilyMember } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

/** Longest identifier (NAMEDATALEN - 1), in bytes. */
const MAX_NAME_BYTES = 63;

/**
 * What an archive table needs. A new one has the hot table's columns and types, but no default, identity,
 * generation or sequence: it must never depend on the hot table. An existing one is compared; the DDL mends it.
 */
export async function planArchiveTable(
  session: Session,
  member: FamilyMember,
  target: TableRef,
  time: string | null,
): Promise<ArchiveTablePlan> {
  const hot = await describeTable(session, member.table);
  const key = member.key.length > 0 ? member.key : hot.key;
  const archive = await existing(session, target);
  const spread = await spreadOf(session, hot, target, archive !== null);
  if (!archive) {
    const ddl = createDdl(hot, target, key ?? [], indexColumns(hot, member, key ?? [], time));
    return { exists: false, ddl: [...ddl, ...spread.ddl], drift: [] };
  }
  const plan = compare(hot, archive, key ?? []);
  return { ...plan, ddl: [...plan.ddl, ...spread.ddl], drift: [...plan.drift, ...spread.drift] };
}

/**
 * Citus moves rows in one statement only between tables that lie together: a new archive table is distributed with the
 * hot one, one that lies on the coordinator alone is. One that is distributed in another way cannot be mended here.
 */
async function spreadOf(
  session: Session,
  hot: PgShape,
  target: TableRef,
  exists: boolean,
): Promise<{ ddl: string[]; drift: string[] }> {
  if (hot.kind !== "distributed" && hot.kind !== "reference") return { ddl: [], drift: [] };
  const tableOf = async ({ schema, name }: TableRef) =>
    orElse(await attempt(session, () => session.query(ONE_CITUS_TABLE_SQL, [schema, name])), [])[0];
  const table = await tableOf(hot.ref);
  const archive = exists ? await tableOf(target) : undefined;
  return spreadPlan(hot.ref, table, target, exists, archive);
}

async function existing(session: Session, target: TableRef): Promise<PgShape | null> {
  try {
    return await describeTable(session, target);
  } catch (error) {
    if (error instanceof StoreError && error.code === "not_found") return null;
    throw error;
  }
}

/** Leading columns of the indexes an archive needs: by time for the root, by link for a member. */
function indexColumns(
  hot: PgShape,
  member: FamilyMember,
  key: readonly string[],
  time: string | null,
): string[][] {
  if (member.via) return [[member.via.column]];
  const column = time ?? timeColumn(hot);
  return column ? [[column, ...key.filter((name) => name !== column)]] : [];
}

/** Without a word from the caller: the first column of an index that is a time, else the first time column. */
function timeColumn(hot: PgShape): string | null {
  const isTime = (name: string | undefined) =>
    hot.columns.some((column) => column.name === name && /^(timestamp|date)/.test(column.baseType));
  const indexed = hot.indexes.find((index) => isTime(index.columns[0]))?.columns[0];
  return indexed ?? hot.columns.find((column) => isTime(column.name))?.name ?? null;
}

function createDdl(
  hot: PgShape,
  target: TableRef,
  key: readonly string[],
  indexes: readonly string[][],
): string[] {
  const columns = hot.columns.map((column) => `  ${columnDdl(column)}`);
  if (key.length > 0) columns.push(`  PRIMARY KEY (${key.map(ident).join(", ")})`);
  const comment = `Archive of ${hot.ref.schema}.${hot.ref.name}, kept by Strata. Rows move here when they are old and can be restored.`;
  return [
    `CREATE TABLE ${tableName(target)} (\n${columns.join(",\n")}\n)`,
    ...indexes.map(
      (names) =>
        `CREATE INDEX ${ident(indexName(target.name, names[0] ?? ""))} ON ${tableName(target)} (${names.map(ident).join(", ")})`,
    ),
    `COMMENT ON TABLE ${tableName(target)} IS ${literal(comment)}`,
  ];
}

const columnDdl = (column: PgColumn): string =>
  `${ident(column.name)} ${column.type}${column.nullable ? "" : " NOT NULL"}`;

function indexName(table: string, column: string): string {
  const suffix = `_${column}_idx`;
  let stem = table;
  while (Buffer.byteLength(stem + suffix) > MAX_NAME_BYTES && stem.length > 1) stem = stem.slice(0, -1);
  let name = stem + suffix;
  while (Buffer.byteLength(name) > MAX_NAME_BYTES) name = name.slice(0, -1);
  return name;
}

/** Types of which every value of the first fits the second, by base type. */
const WIDENING: Readonly<Record<string, readonly string[]>> = {
  int2: ["int4", "int8"],
  int4: ["int8"],
  float4: ["float8"],
  varchar: ["text"],
};

function compare(hot: PgShape, archive: PgShape, key: readonly string[]): ArchiveTablePlan {
  const table = tableName(archive.ref);
  const ddl: string[] = [];
  const drift: string[] = [];
  for (const column of hot.columns) {
    const held = archive.columns.find((one) => one.name === column.name);
    if (!held) {
      // Rows archived before the column came have no value for it.
      ddl.push(`ALTER TABLE ${table} ADD COLUMN ${ident(column.name)} ${column.type}`);
      drift.push(`${column.name} is missing in the archive (${column.type})`);
    } else {
      compareColumn(table, column, held, ddl, drift);
    }
  }
  for (const held of archive.columns) {
    if (held.nullable || held.default !== null || hot.columns.some((one) => one.name === held.name)) continue;
    ddl.push(`ALTER TABLE ${table} ALTER COLUMN ${ident(held.name)} DROP NOT NULL`);
    drift.push(`${held.name} is NOT NULL in the archive and not in the hot table`);
  }
  if (key.length > 0 && !hasKey(archive, key)) {
    ddl.push(`ALTER TABLE ${table} ADD PRIMARY KEY (${key.map(ident).join(", ")})`);
    drift.push(`the archive has no unique key on ${key.join(", ")}`);
  }
  return { exists: true, ddl, drift };
}

const hasKey = (archive: PgShape, key: readonly string[]): boolean =>
  archive.indexes.some(
    (index) =>
      index.unique &&
      index.valid &&
      index.columns.length === key.length &&
      index.columns.every((name) => key.includes(name)),
  );

function compareColumn(
  table: string,
  column: PgColumn,
  held: PgColumn,
  ddl: string[],
  drift: string[],
): void {
  const name = ident(column.name);
  if (!fits(column, held)) {
    ddl.push(`ALTER TABLE ${table} ALTER COLUMN ${name} TYPE ${column.type}${using(column, held, name)}`);
    drift.push(`${column.name} is ${held.type} in the archive and ${column.type} in the hot table`);
  }
  if (column.nullable && !held.nullable) {
    ddl.push(`ALTER TABLE ${table} ALTER COLUMN ${name} DROP NOT NULL`);
    drift.push(`${column.name} may be NULL in the hot table and not in the archive`);
  }
  if (held.generated !== "no") {
    ddl.push(
      `ALTER TABLE ${table} ALTER COLUMN ${name} DROP ${held.generated === "stored" ? "EXPRESSION" : "IDENTITY"}`,
    );
    drift.push(`${column.name} is generated in the archive: it would not keep the value`);
  }
}

const using = (column: PgColumn, held: PgColumn, name: string): string =>
  column.baseType === held.baseType ? "" : ` USING ${name}::text::${column.type}`;

/** Whether the archive's column holds every value of the hot one with the same text form. */
function fits(column: PgColumn, held: PgColumn): boolean {
  if (column.type === held.type) return true;
  if (WIDENING[column.baseType]?.includes(held.baseType) && !held.type.includes("(")) return true;
  // The same type without a limit, or with a larger one.
  if (column.baseType !== held.baseType || column.castType !== held.castType) return false;
  if (column.baseType !== "varchar") return column.baseType === "numeric" && held.type === "numeric";
  const limit = (type: string) => Number(/\((\d+)\)/.exec(type)?.[1] ?? Number.POSITIVE_INFINITY);
  return limit(held.type) >= limit(column.type);
}
