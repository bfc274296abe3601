import { digestHexSql, digestSums, sizeSql } from "@/lib/stores/mysql/digest-sql";
import { type MyColumn, textSql } from "@/lib/stores/mysql/mapper";
import {
  columnList,
  joinUp,
  memberCondition,
  memberTable,
  rootCondition,
  type Slice,
} from "@/lib/stores/mysql/scope-sql";
import { type MyScope, memberAt } from "@/lib/stores/mysql/shapes";
import { col, NO_LIMIT, tableName } from "@/lib/stores/mysql/sql";
import type { TableRef } from "@/lib/stores/table";

export interface MoveTarget {
  table: TableRef;
  /** The columns as the target has them, in the order of the member's. */
  columns: readonly MyColumn[];
}

/** The statements that move one member's rows of a slice, in the order they run. */
export interface MoveStatements {
  /** Holds the root rows. */
  lock: string;
  /** Copies the rows and locks what it reads. */
  copy: string;
  /** Digests of both copies, row by row of the hot table. */
  compare: string;
  remove: string;
  /** A row that both tables have, with other content. */
  different: string;
  /** Removes the rows that the archive has. */
  removeArchived: string;
}

export function moveStatements(
  scope: MyScope,
  index: number,
  slice: Slice,
  target: MoveTarget,
): MoveStatements {
  const member = memberAt(scope, index);
  const written = target.columns.filter((column) => column.generated !== "stored");
  const where = memberCondition(scope, index, slice, "r");
  const hot = memberTable(scope, index, "r");
  const into = tableName(target.table);
  const key = member.key.map(({ name }) => `${col("a", name)} = ${col("r", name)}`).join(" AND ");
  // In this order: from the slice to its copies by their key, whatever the statistics say.
  const both = `${hot} STRAIGHT_JOIN ${into} a ON ${key}`;
  const digests = `${digestHexSql("r", member.columns)} AS h, ${digestHexSql("a", target.columns)} AS g`;
  const outputs = member.key.map((column, at) => `${textSql(column, col("r", column.name))} AS k${at}`);
  return {
    lock: `SELECT COUNT(*) FROM (SELECT 1 FROM ${hot} WHERE ${where} LIMIT ${NO_LIMIT} FOR UPDATE) s`,
    copy: `INSERT INTO ${into} (${columnList(written)}) SELECT ${written.map(({ name }) => col("r", name)).join(", ")} FROM ${hot} WHERE ${where} FOR UPDATE`,
    compare: `SELECT ${digestSums("h", "s_")}, ${digestSums("g", "t_")}, SUM(bytes) AS bytes FROM (SELECT ${digests}, ${sizeSql("r", member.columns)} AS bytes FROM ${both} WHERE ${where} LIMIT ${NO_LIMIT}) s`,
    remove: removeSql(scope, index, slice),
    different: `SELECT ${outputs.join(", ")} FROM ${both} WHERE ${where} AND NOT (${digestHexSql("r", member.columns)} <=> ${digestHexSql("a", target.columns)}) LIMIT 1 FOR UPDATE`,
    removeArchived: `DELETE r FROM ${both} WHERE ${where}`,
  };
}

/** By the join from the member up to the root: MariaDB would look up an IN subquery row by row here. */
function removeSql(scope: MyScope, index: number, slice: Slice): string {
  if (index === 0)
    return `DELETE r FROM ${memberTable(scope, 0, "r")} WHERE ${rootCondition(scope, slice, "r")}`;
  return `DELETE m FROM ${memberTable(scope, index, "m")}${joinUp(scope, index, "m", "time")} WHERE ${rootCondition(scope, slice, "r")}`;
}
