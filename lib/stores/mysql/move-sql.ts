import type { RowKey } from "@/lib/stores/batch";
import { digestHexSql, digestSums, sizeSql } from "@/lib/stores/mysql/digest-sql";
import { type MyColumn, textSql } from "@/lib/stores/mysql/mapper";
import { columnList, keyedTable, keysCondition } from "@/lib/stores/mysql/scope-sql";
import type { MyMember } from "@/lib/stores/mysql/shapes";
import { col, NO_LIMIT, tableName } from "@/lib/stores/mysql/sql";
import type { TableRef } from "@/lib/stores/table";

export interface MoveTarget {
  table: TableRef;
  /** The columns as the target has them, in the order of the member's. */
  columns: readonly MyColumn[];
}

/** The statements that move rows of one member, in the order they run. */
export interface MoveStatements {
  /** Copies the rows and locks what it reads. */
  copy: string;
  /** Digests of both copies. */
  compare: string;
  remove: string;
  /** Rows that the archive has already, by key: `k0`, …; `same` where they are equal. */
  archived: string;
}

/**
 * By key, never by range: a locking read of a range also locks the row behind its end, where the other half of the
 * slice, or the application, is at work.
 */
export function moveStatements(
  member: MyMember,
  target: MoveTarget,
  keys: readonly RowKey[],
): MoveStatements {
  const written = target.columns.filter((column) => column.generated !== "stored");
  const where = keysCondition(member.key, keys, "r");
  const hot = keyedTable(member, "r");
  const into = tableName(target.table);
  const key = member.key.map(({ name }) => `${col("a", name)} = ${col("r", name)}`).join(" AND ");
  // In this order: from the rows to their copies by their key, whatever the statistics say.
  const both = `${hot} STRAIGHT_JOIN ${into} a ON ${key}`;
  const left = digestHexSql("r", member.columns);
  const right = digestHexSql("a", target.columns);
  const outputs = member.key.map((column, at) => `${textSql(column, col("r", column.name))} AS k${at}`);
  return {
    copy: `INSERT INTO ${into} (${columnList(written)}) SELECT ${written.map(({ name }) => col("r", name)).join(", ")} FROM ${hot} WHERE ${where} FOR UPDATE`,
    compare: `SELECT ${digestSums("h", "s_")}, ${digestSums("g", "t_")}, SUM(bytes) AS bytes FROM (SELECT ${left} AS h, ${right} AS g, ${sizeSql("r", member.columns)} AS bytes FROM ${both} WHERE ${where} LIMIT ${NO_LIMIT}) s`,
    remove: `DELETE r FROM ${hot} WHERE ${where}`,
    archived: `SELECT ${outputs.join(", ")}, ${left} <=> ${right} AS same FROM ${both} WHERE ${where} FOR UPDATE`,
  };
}
