import type { MyHandle, Row, Session } from "@/lib/stores/mysql/client";
import { kindOf } from "@/lib/stores/mysql/describe";
import { literal } from "@/lib/stores/mysql/sql";
import type { TableSummary } from "@/lib/stores/table";

/** At most so many tables are listed: a database with more has its largest shown. */
const MAX_TABLES = 2_000;

/** Tables and views of the database, largest first, from statistics. Rows of InnoDB are estimates. */
export async function listTables(handle: MyHandle, session: Session): Promise<TableSummary[]> {
  const database = literal(handle.config.database);
  const tables = await session.query(
    `SELECT TABLE_SCHEMA AS schema_name, TABLE_NAME AS name, TABLE_TYPE AS type, TABLE_ROWS AS n, CREATE_OPTIONS AS options,
            IFNULL(DATA_LENGTH, 0) + IFNULL(INDEX_LENGTH, 0) AS bytes
       FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${database} AND TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED')
      ORDER BY bytes DESC, TABLE_NAME LIMIT ${MAX_TABLES}`,
  );
  const columns = grouped(
    await session.query(
      `SELECT TABLE_NAME AS name, COLUMN_NAME AS column_name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable
         FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ${database} ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    ),
  );
  const indexes = grouped(
    await session.query(
      `SELECT TABLE_NAME AS name, INDEX_NAME AS index_name, COLUMN_NAME AS column_name, SUB_PART AS part
         FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ${database} AND NON_UNIQUE = 0 ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
    ),
  );
  return tables.map((row) => {
    const own = columns.get(row.name ?? "") ?? [];
    return {
      ref: { schema: row.schema_name ?? "", name: row.name ?? "" },
      kind: kindOf(row.type ?? "", /partitioned/i.test(row.options ?? "")),
      rowCount: row.n == null ? null : Number(row.n),
      sizeBytes: Number(row.bytes ?? 0),
      columns: own.map((column) => ({ name: column.column_name ?? "", type: column.type ?? "" })),
      key: keyOf(own, indexes.get(row.name ?? "") ?? []),
    };
  });
}

function grouped(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const group = groups.get(row.name ?? "");
    if (group) group.push(row);
    else groups.set(row.name ?? "", [row]);
  }
  return groups;
}

/** Primary key, else the unique index over whole, not-null columns with the fewest of them. */
function keyOf(columns: readonly Row[], parts: readonly Row[]): string[] | null {
  const nullable = new Set(
    columns.filter((column) => column.nullable === "YES").map((column) => column.column_name),
  );
  const indexes = new Map<string, Row[]>();
  for (const part of parts) {
    const name = part.index_name ?? "";
    indexes.set(name, [...(indexes.get(name) ?? []), part]);
  }
  const [best] = [...indexes]
    .filter(([, list]) =>
      list.every(
        ({ column_name, part }) => column_name !== null && part === null && !nullable.has(column_name),
      ),
    )
    .sort(
      ([a, one], [b, two]) => Number(b === "PRIMARY") - Number(a === "PRIMARY") || one.length - two.length,
    );
  return best ? best[1].map((part) => part.column_name ?? "") : null;
}
