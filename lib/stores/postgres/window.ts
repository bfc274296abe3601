import type { Cursor } from "@/lib/stores/batch";
import type { Row, Session } from "@/lib/stores/postgres/client";
import { microsSql, monthEndUs, monthOf } from "@/lib/stores/postgres/instant";
import { textExpression } from "@/lib/stores/postgres/mapper";
import { orderBy, orderColumns, rootCondition } from "@/lib/stores/postgres/scope-sql";
import type { PgScope } from "@/lib/stores/postgres/shapes";
import { col, ident, parameters, tableName } from "@/lib/stores/postgres/sql";
import type { Window } from "@/lib/stores/rows";

/**
 * The next slice after `after`: at most `maxRows` root rows of one UTC month, null when there are none.
 * Touches time and key columns only, so an index on them answers it.
 */
export async function nextWindow(
  session: Session,
  scope: PgScope,
  after: Cursor | null,
  maxRows: number,
): Promise<Window | null> {
  const month = await firstMonth(session, scope, after);
  if (!month) return null;
  const bounded = { ...scope, untilUs: least(scope.untilUs, monthEndUs(month)) };
  const slice = await nextSlice(session, bounded, after, maxRows);
  return slice && { end: slice.end, rowCount: slice.rowCount, month };
}

/** As `nextWindow`, whatever the month. `middle`: the cursor half-way, null for a single row. */
export async function nextSlice(
  session: Session,
  scope: PgScope,
  after: Cursor | null,
  maxRows: number,
): Promise<(Omit<Window, "month"> & { middle: Cursor | null }) | null> {
  const [root] = scope.members;
  const order = orderColumns(scope);
  const values = parameters();
  const names = order.map((column) => ident(column.name)).join(", ");
  const columns = order.map((column) => col("r", column.name)).join(", ");
  const texts = order.map((column, at) => `${textExpression(column, col("w", column.name))} AS c${at}`);
  const where = rootCondition(scope, { after, upTo: null }, "r", values);
  const rows = await session.query(
    `SELECT ${texts.join(", ")}, w."strata n"::text AS n FROM (
       SELECT ${names}, row_number() OVER () AS "strata n", count(*) OVER () AS "strata count" FROM (
         SELECT ${columns} FROM ${tableName(root.table)} r WHERE ${where}
          ORDER BY ${orderBy(order, "r")} LIMIT ${Math.max(1, Math.floor(maxRows))}) a) w
      WHERE w."strata n" IN (w."strata count", w."strata count" / 2) ORDER BY w."strata n" DESC`,
    values.params,
  );
  const [last, half] = rows;
  if (!last) return null;
  return {
    end: cursorOf(last, order.length),
    rowCount: Number(last.n ?? 0),
    middle: half ? cursorOf(half, order.length) : null,
  };
}

export const cursorOf = (row: Row, length: number): Cursor =>
  Array.from({ length }, (_, at) => row[`c${at}`] ?? "");

async function firstMonth(session: Session, scope: PgScope, after: Cursor | null): Promise<string | null> {
  const values = parameters();
  const [root] = scope.members;
  const order = orderColumns(scope);
  const time = col("r", scope.time.column);
  const where = rootCondition(scope, { after, upTo: null }, "r", values);
  const [row] = await session.query(
    `SELECT ${microsSql(scope.time.unit, time)}::text AS us FROM ${tableName(root.table)} r WHERE ${where}
      ORDER BY ${orderBy(order, "r")} LIMIT 1`,
    values.params,
  );
  if (row?.us == null) return null;
  return monthOf(BigInt(row.us));
}

function least(a: bigint | null, b: bigint | null): bigint | null {
  if (a === null || b === null) return a ?? b;
  return a < b ? a : b;
}
