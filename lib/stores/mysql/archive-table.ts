import { StoreError } from "@/lib/errors";
import type { Session } from "@/lib/stores/mysql/client";
import { describeTable, type MyShape } from "@/lib/stores/mysql/describe";
import type { MyColumn } from "@/lib/stores/mysql/mapper";
import { ident, literal, tableName } from "@/lib/stores/mysql/sql";
import type { ArchiveTablePlan, FamilyMember } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

/** Longest identifier, in characters. */
const MAX_NAME_CHARS = 64;

/**
 * What an archive table needs. A new one has the hot table's columns and types, but no default, counter or generation:
 * it must never depend on the hot table. An existing one is compared; the DDL mends it. That the hot table itself cannot
 * give up rows is its risk to tell (risks.ts).
 */
export async function planArchiveTable(
  session: Session,
  member: FamilyMember,
  target: TableRef,
): Promise<ArchiveTablePlan> {
  const hot = await describeTable(session, member.table);
  const key = member.key.length > 0 ? member.key : (hot.key ?? []);
  const archive = await existing(session, target);
  if (!archive) return { exists: false, ddl: [createDdl(hot, target, key, member)], drift: [] };
  return compare(hot, archive, key);
}

async function existing(session: Session, target: TableRef): Promise<MyShape | null> {
  try {
    return await describeTable(session, target);
  } catch (error) {
    if (error instanceof StoreError && error.code === "not_found") return null;
    throw error;
  }
}

/** One statement: the server commits each by itself, and a table without its key would look finished. */
function createDdl(hot: MyShape, target: TableRef, key: readonly string[], member: FamilyMember): string {
  const lines = hot.columns.map((column) => `  ${columnDdl(column)}`);
  if (key.length > 0) lines.push(`  PRIMARY KEY (${key.map(ident).join(", ")})`);
  for (const names of indexColumns(hot, member, key)) {
    lines.push(`  KEY ${ident(indexName(names[0] ?? ""))} (${names.map(ident).join(", ")})`);
  }
  const comment = `Archive of ${hot.ref.schema}.${hot.ref.name}, kept by Strata. Rows move here when they are old and can be restored.`;
  const charset = hot.charset ? ` DEFAULT CHARACTER SET ${hot.charset}` : "";
  return `CREATE TABLE ${tableName(target)} (\n${lines.join(",\n")}\n) ENGINE = InnoDB${charset} COMMENT = ${literal(comment.slice(0, 2_048))}`;
}

function columnDdl(column: MyColumn): string {
  const charset = column.charset ? ` CHARACTER SET ${column.charset} COLLATE ${column.collation}` : "";
  // TIMESTAMP without a word is NOT NULL on some servers.
  return `${ident(column.name)} ${column.type}${charset} ${column.nullable ? "NULL" : "NOT NULL"}`;
}

/** Leading columns of the indexes an archive needs: by time for the root, by link for a member. */
function indexColumns(hot: MyShape, member: FamilyMember, key: readonly string[]): string[][] {
  if (member.via) return key[0] === member.via.column ? [] : [[member.via.column]];
  const time = timeColumn(hot);
  return time && key[0] !== time ? [[time, ...key.filter((name) => name !== time)]] : [];
}

/** The first column of an index that is a time by type or by name (Unix seconds), else the first time column. */
function timeColumn(hot: MyShape): string | null {
  const clock = (column: MyColumn | undefined) => /^(datetime|timestamp|date)$/.test(column?.dataType ?? "");
  const named = (column: MyColumn | undefined) =>
    column?.physical === "int64" && /(^|_)(created|time|timestamp|ts|at|date)(_|$)/i.test(column.name);
  const leading = hot.indexes.map(({ columns }) => hot.columns.find(({ name }) => name === columns[0]));
  const found = leading.find(clock) ?? leading.find(named) ?? hot.columns.find(clock);
  return found?.name ?? null;
}

const indexName = (column: string): string => `strata_${column}`.slice(0, MAX_NAME_CHARS);

/** Types of which every value of the first fits the second. */
const WIDENING: Readonly<Record<string, readonly string[]>> = {
  tinyint: ["smallint", "mediumint", "int", "bigint"],
  smallint: ["mediumint", "int", "bigint"],
  mediumint: ["int", "bigint"],
  int: ["bigint"],
  varchar: ["varchar", "mediumtext", "longtext"],
  tinytext: ["text", "mediumtext", "longtext"],
  text: ["mediumtext", "longtext"],
  mediumtext: ["longtext"],
  tinyblob: ["blob", "mediumblob", "longblob"],
  blob: ["mediumblob", "longblob"],
  mediumblob: ["longblob"],
  varbinary: ["varbinary", "blob", "mediumblob", "longblob"],
};

function compare(hot: MyShape, archive: MyShape, key: readonly string[]): ArchiveTablePlan {
  const changes: string[] = [];
  const drift: string[] = [];
  for (const column of hot.columns) {
    const held = archive.columns.find((one) => one.name === column.name);
    if (!held) {
      // Rows archived before the column came have no value for it.
      changes.push(`ADD COLUMN ${columnDdl({ ...column, nullable: true })}`);
      drift.push(`${column.name} is missing in the archive (${column.type})`);
    } else compareColumn(column, held, changes, drift);
  }
  for (const held of archive.columns) {
    if (held.nullable || held.default !== null || held.generated !== "no") continue;
    if (hot.columns.some((one) => one.name === held.name)) continue;
    changes.push(`MODIFY COLUMN ${columnDdl({ ...held, nullable: true })}`);
    drift.push(`${held.name} is NOT NULL in the archive and not in the hot table`);
  }
  if (key.length > 0 && !hasKey(archive, key)) {
    changes.push(`ADD PRIMARY KEY (${key.map(ident).join(", ")})`);
    drift.push(`the archive has no unique key on ${key.join(", ")}`);
  }
  if (!archive.transactional) {
    changes.push("ENGINE = InnoDB");
    drift.push(`the archive is kept by ${archive.engine}, which knows no transactions`);
  }
  const ddl = changes.length > 0 ? [`ALTER TABLE ${tableName(archive.ref)} ${changes.join(", ")}`] : [];
  return { exists: true, ddl, drift };
}

const hasKey = (archive: MyShape, key: readonly string[]): boolean =>
  archive.indexes.some(
    ({ unique, columns }) =>
      unique && columns.length === key.length && columns.every((name) => key.includes(name)),
  );

function compareColumn(column: MyColumn, held: MyColumn, changes: string[], drift: string[]): void {
  const problems: string[] = [];
  if (!fits(column, held))
    problems.push(`${column.name} is ${typeOf(held)} in the archive and ${typeOf(column)} in the hot table`);
  if (column.nullable && !held.nullable)
    problems.push(`${column.name} may be NULL in the hot table and not in the archive`);
  if (held.generated === "stored")
    problems.push(`${column.name} is generated in the archive: it would not keep the value`);
  if (problems.length === 0) return;
  drift.push(...problems);
  changes.push(`MODIFY COLUMN ${columnDdl({ ...column, nullable: column.nullable || held.nullable })}`);
}

const typeOf = ({ type, charset }: MyColumn): string => (charset ? `${type} (${charset})` : type);

/** Whether the archive's column holds every value of the hot one with the same text form. */
function fits(column: MyColumn, held: MyColumn): boolean {
  // Another collation sorts otherwise and holds the same; another character set may not.
  if (column.charset !== held.charset && held.charset !== "utf8mb4") return false;
  if (column.type === held.type) return true;
  const integer = column.physical === "int64" && column.dataType !== "bit";
  if (integer) {
    const wider = column.dataType === held.dataType || WIDENING[column.dataType]?.includes(held.dataType);
    return wider === true && column.unsigned === held.unsigned;
  }
  if (!WIDENING[column.dataType]?.includes(held.dataType)) return false;
  const limit = (type: string) => Number(/\((\d+)\)/.exec(type)?.[1] ?? Number.POSITIVE_INFINITY);
  return limit(held.type) >= limit(column.type);
}
