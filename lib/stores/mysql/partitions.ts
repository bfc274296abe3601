import type { Row, Session } from "@/lib/stores/mysql/client";
import { clockUs } from "@/lib/stores/mysql/instant";
import type { MyScope } from "@/lib/stores/mysql/shapes";
import { literal } from "@/lib/stores/mysql/sql";
import type { PartitionSlice } from "@/lib/stores/rows";
import type { TimeUnit } from "@/lib/stores/table";

/** Days from year 0, as TO_DAYS counts them, to 1970. */
const EPOCH_DAYS = 719_528n;
const DAY_US = 86_400_000_000n;
const US_PER: Partial<Record<TimeUnit, bigint>> = { s: 1_000_000n, ms: 1_000n, us: 1n };

/**
 * Partitions of the root, by RANGE of its time column, that lie wholly inside the scope; oldest first. None for a
 * family with members: what hangs on a partition that goes would stay behind. Rows and bytes are estimates.
 */
export async function wholePartitions(session: Session, scope: MyScope): Promise<PartitionSlice[]> {
  const [root] = scope.members;
  if (scope.members.length > 1 || scope.untilUs === null) return [];
  const rows = await session.query(
    `SELECT PARTITION_NAME AS name, PARTITION_METHOD AS method, PARTITION_EXPRESSION AS expression, PARTITION_DESCRIPTION AS bound,
            TABLE_ROWS AS n, DATA_LENGTH + INDEX_LENGTH AS bytes
       FROM information_schema.PARTITIONS
      WHERE TABLE_SCHEMA = ${literal(root.table.schema)} AND TABLE_NAME = ${literal(root.table.name)}
        AND PARTITION_METHOD IN ('RANGE', 'RANGE COLUMNS') AND (SUBPARTITION_ORDINAL_POSITION IS NULL OR SUBPARTITION_ORDINAL_POSITION = 1)
      ORDER BY PARTITION_ORDINAL_POSITION`,
  );
  const slices: PartitionSlice[] = [];
  let fromUs: bigint | null = null;
  for (const row of rows) {
    const until = boundOf(row, scope.time.column, scope.time.unit);
    if (until === undefined) return [];
    const inside =
      until !== null &&
      until <= scope.untilUs &&
      (scope.fromUs === null || (fromUs !== null && fromUs >= scope.fromUs));
    if (inside) {
      slices.push({
        ref: { schema: root.table.schema, name: `${root.table.name}#${row.name}` },
        fromUs,
        untilUs: until,
        rowCount: row.n == null ? null : Number(row.n),
        sizeBytes: Number(row.bytes ?? 0),
      });
    }
    fromUs = until;
  }
  return slices;
}

/** Where a partition ends, in microseconds; null for MAXVALUE, undefined for an expression that is not understood. */
function boundOf(row: Row, column: string, unit: TimeUnit): bigint | null | undefined {
  const bound = row.bound ?? "";
  if (bound === "MAXVALUE") return null;
  const expression = (row.expression ?? "").replaceAll("`", "").toLowerCase();
  const name = column.toLowerCase();
  const number = /^-?\d+$/.test(bound) ? BigInt(bound) : null;
  if (expression === `to_days(${name})` && number !== null) return (number - EPOCH_DAYS) * DAY_US;
  if (expression === `unix_timestamp(${name})` && number !== null) return number * 1_000_000n;
  if (expression === `year(${name})` && number !== null)
    return BigInt(Date.UTC(Number(number), 0, 1)) * 1_000n;
  if (expression !== name) return undefined;
  if (number !== null) return US_PER[unit] === undefined ? undefined : number * (US_PER[unit] ?? 1n);
  return clockUs(bound.replace(/^'|'$/g, "")) ?? undefined;
}
