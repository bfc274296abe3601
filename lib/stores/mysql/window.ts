import type { Cursor } from "@/lib/stores/batch";
import type { Row, Session } from "@/lib/stores/mysql/client";
import { monthEndUs, monthOf, usOf } from "@/lib/stores/mysql/instant";
import { type MyColumn, textSql } from "@/lib/stores/mysql/mapper";
import { orderBy, orderColumns, rootCondition, rootTable } from "@/lib/stores/mysql/scope-sql";
import type { MyScope } from "@/lib/stores/mysql/shapes";
import { col } from "@/lib/stores/mysql/sql";
import type { Window } from "@/lib/stores/rows";

/**
 * The next slice after `after`: at most `maxRows` root rows of one UTC month, null when there are none.
 * Touches time and key columns only, so an index on them answers it.
 */
export async function nextWindow(
  session: Session,
  scope: MyScope,
  after: Cursor | null,
  maxRows: number,
): Promise<Window | null> {
  const first = await cursorAt(session, scope, after, 0, "");
  const us = first ? usOf(scope.time.unit, first[0] ?? "") : null;
  if (us === null) return null;
  const month = monthOf(us);
  const bounded = { ...scope, untilUs: least(scope.untilUs, monthEndUs(month)) };
  const slice = await nextSlice(session, bounded, after, maxRows);
  return slice && { end: slice.end, rowCount: slice.rowCount, month };
}

/** As `nextWindow`, whatever the month. */
export async function nextSlice(
  session: Session,
  scope: MyScope,
  after: Cursor | null,
  maxRows: number,
): Promise<Omit<Window, "month"> | null> {
  const size = Math.max(1, Math.floor(maxRows));
  const full = await cursorAt(session, scope, after, size - 1, "");
  const rowCount = full ? size : await rowsLeft(session, scope, after);
  if (rowCount === 0) return null;
  const end = full ?? (await cursorAt(session, scope, after, 0, " DESC"));
  return end && { end, rowCount };
}

/** The cursor so many rows further on: a walk along the index. */
async function cursorAt(
  session: Session,
  scope: MyScope,
  after: Cursor | null,
  offset: number,
  direction: "" | " DESC",
): Promise<Cursor | null> {
  const order = orderColumns(scope);
  const where = rootCondition(scope, { after, upTo: null }, "r");
  const [row] = await session.query(
    `SELECT ${cursorList(order, "q")} FROM (SELECT ${order.map((column) => col("r", column.name)).join(", ")} FROM ${rootTable(scope, "r")} WHERE ${where}
      ORDER BY ${orderBy(order, "r", direction)} LIMIT 1 OFFSET ${offset}) q`,
  );
  return row ? cursorOf(row, order.length) : null;
}

async function rowsLeft(session: Session, scope: MyScope, after: Cursor | null): Promise<number> {
  const where = rootCondition(scope, { after, upTo: null }, "r");
  const [row] = await session.query(`SELECT COUNT(*) AS n FROM ${rootTable(scope, "r")} WHERE ${where}`);
  return Number(row?.n ?? 0);
}

/** Text forms of the cursor's columns as c0, c1, … */
export const cursorList = (order: readonly MyColumn[], alias: string): string =>
  order.map((column, at) => `${textSql(column, col(alias, column.name))} AS c${at}`).join(", ");

export const cursorOf = (row: Row, length: number): Cursor =>
  Array.from({ length }, (_, at) => row[`c${at}`] ?? "");

function least(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
