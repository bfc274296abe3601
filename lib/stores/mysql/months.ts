import type { MyHandle } from "@/lib/stores/mysql/client";
import { errorNumber } from "@/lib/stores/mysql/errors";
import { monthOf, monthSql, usOf } from "@/lib/stores/mysql/instant";
import { textSql } from "@/lib/stores/mysql/mapper";
import { joinUp, memberTable, orderColumns, rootCondition, rootTable } from "@/lib/stores/mysql/scope-sql";
import { memberAt, resolveScope, type Shapes } from "@/lib/stores/mysql/shapes";
import { col, literal } from "@/lib/stores/mysql/sql";
import type { FamilyScope } from "@/lib/stores/rows";
import type { MonthBucket } from "@/lib/stores/table";

type Months = { exact: boolean; members: MonthBucket[][] };
type Counted = { month: string; rowCount: number }[];

const WHOLE = { after: null, upTo: null };
/** Statements that ran out of time: of MariaDB, of MySQL, of our own KILL. */
export const OUT_OF_TIME = new Set([1969, 3024, 1317]);

/**
 * Rows and bytes per UTC month of the root, for the root and each member by its root's month, oldest first. Rows are
 * counted within the budget (an index on the time answers for the root); when time runs out, the server's estimate is
 * dealt out evenly over the time there is, and `exact` is false. Bytes are rows times the stored size of an average row.
 */
export async function monthsOf(
  handle: MyHandle,
  shapes: Shapes,
  family: FamilyScope,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Months> {
  const deadline = Date.now() + budgetMs;
  const members: MonthBucket[][] = [];
  let exact = true;
  for (let index = 0; index < family.members.length; index++) {
    const counted = exact ? await counts(handle, shapes, family, index, deadline - Date.now(), signal) : null;
    if (!counted) exact = false;
    const { rowCount, rowBytes } = await estimate(handle, shapes, family, index, signal);
    const rows = counted ?? (await spread(handle, shapes, family, index, rowCount, members[0] ?? [], signal));
    members.push(rows.map((row) => ({ ...row, sizeBytes: Math.round(row.rowCount * rowBytes) })));
  }
  return { exact, members };
}

/** Exact counts; null when the time was not enough. */
async function counts(
  handle: MyHandle,
  shapes: Shapes,
  family: FamilyScope,
  index: number,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Counted | null> {
  if (budgetMs <= 0) return null;
  try {
    return await handle.run({ signal, timeoutMs: Math.max(1, Math.floor(budgetMs)) }, async (session) => {
      const scope = await resolveScope(session, shapes, family);
      const alias = index === 0 ? "r" : "m";
      const month = monthSql(scope.time.unit, col("r", scope.time.column));
      const rows = await session.query(
        `SELECT ${month} AS month, COUNT(*) AS n FROM ${memberTable(scope, index, alias)}${joinUp(scope, index, alias, "time")} WHERE ${rootCondition(scope, WHOLE, "r")} GROUP BY month ORDER BY month`,
      );
      return rows.map((row) => ({ month: row.month ?? "", rowCount: Number(row.n) }));
    });
  } catch (error) {
    if (OUT_OF_TIME.has(errorNumber(error) ?? 0) && !signal.aborted) return null;
    throw error;
  }
}

/** Rows of a table and bytes of one, by the server's statistics. */
async function estimate(
  handle: MyHandle,
  shapes: Shapes,
  family: FamilyScope,
  index: number,
  signal: AbortSignal,
): Promise<{ rowCount: number; rowBytes: number }> {
  return handle.run({ signal }, async (session) => {
    const { table } = memberAt(await resolveScope(session, shapes, family), index);
    const [row] = await session.query(
      `SELECT TABLE_ROWS AS n, AVG_ROW_LENGTH AS bytes, DATA_LENGTH AS data FROM information_schema.TABLES WHERE TABLE_SCHEMA = ${literal(table.schema)} AND TABLE_NAME = ${literal(table.name)}`,
    );
    const rowCount = Number(row?.n ?? 0);
    return { rowCount, rowBytes: Number(row?.bytes ?? 0) };
  });
}

/** An estimate dealt out evenly between the oldest and the newest row, or, for a member, as its root is. */
async function spread(
  handle: MyHandle,
  shapes: Shapes,
  family: FamilyScope,
  index: number,
  rowCount: number,
  root: readonly MonthBucket[],
  signal: AbortSignal,
): Promise<Counted> {
  if (index > 0) {
    const all = root.reduce((sum, month) => sum + month.rowCount, 0);
    return root.map((one) => ({
      month: one.month,
      rowCount: all > 0 ? Math.round((rowCount * one.rowCount) / all) : 0,
    }));
  }
  return handle.run({ signal }, async (session) => {
    const scope = await resolveScope(session, shapes, family);
    const whole = { ...scope, fromUs: null, untilUs: null };
    const edge = async (direction: string, of: typeof scope): Promise<bigint | null> => {
      const [time] = orderColumns(of);
      if (!time) return null;
      const [row] = await session.query(
        `SELECT ${textSql(time, col("r", time.name))} AS t FROM ${rootTable(of, "r")} WHERE ${rootCondition(of, WHOLE, "r")} ORDER BY ${col("r", time.name)} ${direction} LIMIT 1`,
      );
      return row?.t == null ? null : usOf(scope.time.unit, row.t);
    };
    const [oldest, newest] = [await edge("ASC", whole), await edge("DESC", whole)];
    if (oldest === null || newest === null) return [];
    return dealt(oldest, newest, rowCount, scope.fromUs, scope.untilUs);
  });
}

/** So many rows, evenly over the time from the oldest to the newest; those of the scope, by month. */
export function dealt(
  oldest: bigint,
  newest: bigint,
  rowCount: number,
  fromUs: bigint | null,
  untilUs: bigint | null,
): Counted {
  const PIECES = 1_000n;
  const months = new Map<string, number>();
  for (let piece = 0n; piece < PIECES; piece++) {
    const us = oldest + ((newest - oldest) * piece) / PIECES;
    if ((fromUs !== null && us < fromUs) || (untilUs !== null && us >= untilUs)) continue;
    months.set(monthOf(us), (months.get(monthOf(us)) ?? 0) + rowCount / Number(PIECES));
  }
  return [...months]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, rows]) => ({ month, rowCount: Math.round(rows) }));
}
