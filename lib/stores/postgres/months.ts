import type { PgHandle, Session } from "@/lib/stores/postgres/client";
import { partsSql } from "@/lib/stores/postgres/describe";
import { sqlState } from "@/lib/stores/postgres/errors";
import { microsSql, monthOf, monthSql } from "@/lib/stores/postgres/instant";
import { memberAt, rootCondition } from "@/lib/stores/postgres/scope-sql";
import {
  columnOf,
  type PgMember,
  type PgScope,
  resolveScope,
  type Shapes,
} from "@/lib/stores/postgres/shapes";
import { col, parameters, tableName } from "@/lib/stores/postgres/sql";
import type { FamilyScope } from "@/lib/stores/rows";
import type { MonthBucket } from "@/lib/stores/table";

type Months = { exact: boolean; members: MonthBucket[][] };

/**
 * Rows and bytes per UTC month of the root, for the root and each member by its root's month, oldest first.
 * Rows are counted within the budget (an index on the time answers for the root); when time runs out, planner
 * statistics answer and `exact` is false. Bytes are rows times the stored size of an average row.
 */
export async function monthsOf(
  handle: PgHandle,
  shapes: Shapes,
  family: FamilyScope,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Months> {
  const deadline = Date.now() + budgetMs;
  const sizes = await handle.run({ signal }, async (session) =>
    rowSizes(session, await resolveScope(session, shapes, family)),
  );
  const members: MonthBucket[][] = [];
  let exact = true;
  for (let index = 0; index < family.members.length; index++) {
    const counted = exact ? await counts(handle, shapes, family, index, deadline - Date.now(), signal) : null;
    if (!counted) exact = false;
    const rows = counted ?? (await estimates(handle, shapes, family, index, members[0] ?? [], signal));
    const size = sizes[index] ?? 0;
    members.push(
      rows.map(({ month, rowCount }) => ({ month, rowCount, sizeBytes: Math.round(rowCount * size) })),
    );
  }
  return { exact, members };
}

type Counted = { month: string; rowCount: number }[];

/** Exact counts; null when the time was not enough. */
async function counts(
  handle: PgHandle,
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
      const values = parameters();
      const [root] = scope.members;
      const month = monthSql(scope.time.unit, col("r", scope.time.column));
      const where = rootCondition(scope, { after: null, upTo: null }, "r", values);
      const rows = await session.query(
        `SELECT month, count(*)::text AS rows FROM (SELECT ${month} AS month FROM ${tableName(root.table)} r ${joinUp(scope, index)} WHERE ${where}) s GROUP BY month ORDER BY month`,
        values.params,
      );
      return rows.map((row) => ({ month: row.month ?? "", rowCount: Number(row.rows) }));
    });
  } catch (error) {
    if (sqlState(error) === "57014" && !signal.aborted) return null;
    throw error;
  }
}

/** Joins from the root `r` down to a member. */
export function joinUp(scope: PgScope, index: number): string {
  const member = memberAt(scope, index);
  if (!member.via) return "";
  const parent = memberAt(scope, member.via.member);
  const up = member.via.member === 0 ? "r" : `m${member.via.member}`;
  const link = columnOf(member.shape, member.via.column);
  const target = columnOf(parent.shape, member.via.parentColumn);
  const value = col(up, target.name);
  const cast = link.castType === target.castType ? value : `${value}::${link.castType}`;
  return `${joinUp(scope, member.via.member)} JOIN ${tableName(member.table)} m${index} ON ${col(`m${index}`, link.name)} = ${cast}`;
}

/** Average stored bytes of a row, out-of-line values included. */
async function rowSizes(session: Session, scope: PgScope): Promise<number[]> {
  const sizes: number[] = [];
  for (const member of scope.members) sizes.push(await rowSize(session, member));
  return sizes;
}

async function rowSize(session: Session, member: PgMember): Promise<number> {
  const [row] = await session.query(
    `SELECT (sum(pg_table_size(c.oid)) / nullif(sum(greatest(c.reltuples, 0)), 0))::text AS size
       FROM pg_class c WHERE ${partsSql(member.shape)}`,
    [member.shape.oid],
  );
  if (row?.size != null) return Number(row.size);
  // Never analyzed: a few rows from the front tell about the others.
  const sizes = member.columns.map((column) => `coalesce(pg_column_size(${col("r", column.name)}), 0)`);
  const [sample] = await session.query(
    `SELECT avg(${["24", ...sizes].join(" + ")})::text AS size FROM (SELECT * FROM ${tableName(member.table)} LIMIT 500) r`,
  );
  return Number(sample?.size ?? 0);
}

/** From the histogram of the time column, or, for a member, in the proportions of its root. */
async function estimates(
  handle: PgHandle,
  shapes: Shapes,
  family: FamilyScope,
  index: number,
  root: readonly MonthBucket[],
  signal: AbortSignal,
): Promise<Counted> {
  return handle.run({ signal }, async (session) => {
    const scope = await resolveScope(session, shapes, family);
    const rows = await Promise.all([0, index].map((at) => estimatedRows(session, memberAt(scope, at))));
    if (index === 0) return histogram(session, scope, rows[0] ?? 0);
    const ratio = rows[0] ? (rows[1] ?? 0) / rows[0] : 0;
    return root.map(({ month, rowCount }) => ({ month, rowCount: Math.round(rowCount * ratio) }));
  });
}

async function estimatedRows(session: Session, member: PgMember): Promise<number> {
  const [row] = await session.query(
    `SELECT sum(greatest(c.reltuples, 0))::text AS rows FROM pg_class c
      WHERE ${partsSql(member.shape)}`,
    [member.shape.oid],
  );
  return Number(row?.rows ?? 0);
}

async function histogram(session: Session, scope: PgScope, rowCount: number): Promise<Counted> {
  const [root] = scope.members;
  const time = columnOf(root.shape, scope.time.column);
  const rows = await session.query(
    `SELECT (${microsSql(scope.time.unit, `b::${time.castType}`)})::text AS us
       FROM pg_stats s, unnest(s.histogram_bounds::text::text[]) b
      WHERE s.schemaname = $1 AND s.tablename = $2 AND s.attname = $3`,
    [root.table.schema, root.table.name, time.name],
  );
  const bounds = rows.flatMap((row) => (row.us == null ? [] : [BigInt(row.us)]));
  return spread(bounds, rowCount, scope.fromUs, scope.untilUs);
}

/** Each step of the histogram holds the same number of rows: they are dealt out evenly over its time. */
export function spread(
  bounds: readonly bigint[],
  rowCount: number,
  fromUs: bigint | null,
  untilUs: bigint | null,
): Counted {
  const share = rowCount / Math.max(1, bounds.length - 1);
  const months = new Map<string, number>();
  const PIECES = 10n;
  for (let at = 0; at + 1 < bounds.length; at++) {
    const low = bounds[at] ?? 0n;
    const step = ((bounds[at + 1] ?? low) - low) / PIECES;
    for (let piece = 0n; piece < PIECES; piece++) {
      const us = low + step * piece;
      if ((fromUs !== null && us < fromUs) || (untilUs !== null && us >= untilUs)) continue;
      months.set(monthOf(us), (months.get(monthOf(us)) ?? 0) + share / Number(PIECES));
    }
  }
  return [...months]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, rows]) => ({ month, rowCount: Math.round(rows) }));
}
