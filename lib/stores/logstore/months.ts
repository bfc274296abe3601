import type { LogHandle } from "@/lib/stores/logstore/client";
import { identifier } from "@/lib/stores/logstore/literal";
import { onlyMember, type Shapes } from "@/lib/stores/logstore/shapes";
import { currentRows, type LogScope, tableName, timeBounds } from "@/lib/stores/logstore/sql";
import { monthOf, monthSql } from "@/lib/stores/logstore/time";
import type { FamilyScope } from "@/lib/stores/rows";
import type { MonthBucket, TimeUnit } from "@/lib/stores/table";

/** Days of a hundred years: what counts in seconds is bucketed by day. */
const MOST_BUCKETS = 36_600;
const SAMPLE_ROWS = 50;

/**
 * Current rows and bytes per UTC month, by one query of buckets. When time runs out, versions are counted instead of
 * rows, which needs no fold: at least as many, and `exact` is false.
 */
export async function monthsOf(
  handle: LogHandle,
  shapes: Shapes,
  family: FamilyScope,
  budgetMs: number,
  signal: AbortSignal,
): Promise<{ exact: boolean; members: MonthBucket[][] }> {
  const scope = await shapes.scope(onlyMember(family), family.time, family, signal);
  const bytes = await meanBytes(handle, scope.shape.ref, signal);
  const buckets = async (from: string) => {
    const rows = await handle.query(bucketSql(scope, family.time.unit, from), signal, budgetMs);
    return [bucketsOf(rows, family.time.unit, bytes)];
  };
  const where = timeBounds(scope);
  const versions = `${tableName(scope.shape.ref)}${where.length > 0 ? ` WHERE ${where.join(" AND ")}` : ""}`;
  try {
    return { exact: true, members: await buckets(currentRows(scope, [], timeBounds(scope))) };
  } catch (error) {
    if (!isTimeout(error) || signal.aborted) throw error;
  }
  try {
    return { exact: false, members: await buckets(versions) };
  } catch (error) {
    if (!isTimeout(error) || signal.aborted) throw error;
    return { exact: false, members: [[]] };
  }
}

export const isTimeout = (error: unknown): boolean => (error as { code?: string }).code === "timeout";

function bucketSql(scope: LogScope, unit: TimeUnit, from: string): string {
  if (!scope.time) throw new Error("months need a time column");
  const month = monthSql(scope.time.column, unit, identifier(scope.time.column.name));
  return `SELECT ${month} AS strata_month, count(*) AS strata_rows FROM ${from} GROUP BY 1 LIMIT ${MOST_BUCKETS}`;
}

function bucketsOf(
  rows: readonly (readonly (string | null)[])[],
  unit: TimeUnit,
  bytes: number,
): MonthBucket[] {
  const months = new Map<string, number>();
  for (const [bucket, count] of rows) {
    if (!bucket) continue;
    const month = monthOf(unit, bucket);
    months.set(month, (months.get(month) ?? 0) + Number(count ?? 0));
  }
  return [...months]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, rowCount]) => ({ month, rowCount, sizeBytes: Math.round(rowCount * bytes) }));
}

/** Bytes of a version in text form, from a few of them: LogStore tells no sizes. */
export async function meanBytes(
  handle: LogHandle,
  ref: { schema: string; name: string },
  signal: AbortSignal,
  timeoutMs?: number,
): Promise<number> {
  const rows = await handle.query(`SELECT * FROM ${tableName(ref)} LIMIT ${SAMPLE_ROWS}`, signal, timeoutMs);
  if (rows.length === 0) return 0;
  const bytes = rows.flat().reduce((sum, value) => sum + (value === null ? 0 : Buffer.byteLength(value)), 0);
  return bytes / rows.length;
}
