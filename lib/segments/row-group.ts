import { DIGEST_COLUMN, EXACT_COLUMN, type SegmentColumn, toParquet, toTimeUs } from "@/lib/segments/columns";
import type { ParquetColumn } from "@/lib/segments/parquet-file";
import type { Batch, Value } from "@/lib/stores/batch";
import { floatText, isOddFloat } from "@/lib/stores/float-text";
import type { TimeColumn } from "@/lib/stores/table";

/** Above this mean length a column gets no dictionary: looking for one would cost more than it saves. */
const WIDE_BYTES = 64;

/** Rows waiting to become one row group. Values are held as they came: nothing is copied. */
export interface RowGroup {
  values: Value[][];
  digests: Uint8Array[];
  exact: (Uint8Array | null)[];
  rowCount: number;
  sizeBytes: number;
}

export const emptyRowGroup = (columnCount: number): RowGroup => ({
  values: Array.from({ length: columnCount }, () => []),
  digests: [],
  exact: [],
  rowCount: 0,
  sizeBytes: 0,
});

/** Adds rows [from, until) of a batch. */
export function addRows(group: RowGroup, batch: Batch, from: number, until: number, sizeBytes: number): void {
  batch.vectors.forEach((vector, column) => {
    const target = group.values[column] ?? [];
    for (let row = from; row < until; row++) target.push(vector.values[row] ?? null);
  });
  for (let row = from; row < until; row++) {
    const digest = batch.digests[row];
    if (digest?.byteLength !== 16) throw new Error("a batch for a segment carries a digest of every row");
    group.digests.push(digest);
  }
  for (const text of exactTexts(batch, from, until)) group.exact.push(text);
  group.rowCount += until - from;
  group.sizeBytes += sizeBytes;
}

function exactTexts(batch: Batch, from: number, until: number): (Uint8Array | null)[] {
  const texts: (Uint8Array | null)[] = new Array(until - from).fill(null);
  const suspects = batch.vectors.filter((vector) => vector.exact.size > 0 || vector.physical === "float64");
  if (suspects.length === 0) return texts;
  for (let row = from; row < until; row++) {
    const entries = suspects.flatMap((vector) => {
      const text = vector.exact.get(row) ?? oddFloat(vector.values[row]);
      return text === null ? [] : [[vector.name, text]];
    });
    if (entries.length > 0) texts[row - from] = Buffer.from(JSON.stringify(Object.fromEntries(entries)));
  }
  return texts;
}

const oddFloat = (value: Value | undefined): string | null =>
  typeof value === "number" && isOddFloat(value) ? floatText(value) : null;

/** The end of the longest run from `from` that stays within the limits; at least one row. */
export function cutRows(
  batch: Batch,
  from: number,
  room: { rows: number; bytes: number },
): { until: number; sizeBytes: number } {
  const wide = batch.vectors.filter((vector) => vector.physical === "text" || vector.physical === "bytes");
  const narrowBytes = (batch.vectors.length - wide.length) * 8;
  const last = Math.min(batch.rowCount, from + Math.max(1, room.rows));
  let sizeBytes = 0;
  for (let row = from; row < last; row++) {
    let rowBytes = narrowBytes;
    for (const vector of wide) {
      const value = vector.values[row];
      if (value instanceof Uint8Array) rowBytes += value.byteLength;
    }
    if (row > from && sizeBytes + rowBytes > room.bytes) return { until: row, sizeBytes };
    sizeBytes += rowBytes;
  }
  return { until: last, sizeBytes };
}

/** A row group as the Parquet writer takes it. Statistics only where readers prune by them. */
export function parquetColumns(
  group: RowGroup,
  columns: readonly SegmentColumn[],
  pruned: ReadonlySet<string>,
): ParquetColumn[] {
  return [
    ...columns.map((column, index): ParquetColumn => {
      const data = toParquet(column.physical, group.values[index] ?? []);
      const statistics = pruned.has(column.name);
      const layout = statistics || !isWide(data) ? "auto" : "wide";
      return { name: column.name, data, statistics, layout };
    }),
    { name: DIGEST_COLUMN, data: group.digests, statistics: false, layout: "plain" },
    { name: EXACT_COLUMN, data: group.exact, statistics: false, layout: "auto" },
  ];
}

function isWide(values: readonly Value[]): boolean {
  let sizeBytes = 0;
  let count = 0;
  for (const value of values) {
    if (!(value instanceof Uint8Array)) continue;
    sizeBytes += value.byteLength;
    count += 1;
  }
  return count > 0 && sizeBytes / count > WIDE_BYTES;
}

/** Smallest and largest time of a row group in microseconds; null when it has none. */
export function timeBounds(
  group: RowGroup,
  columns: readonly SegmentColumn[],
  time: TimeColumn | null,
): { minUs: bigint | null; maxUs: bigint | null } {
  let minUs: bigint | null = null;
  let maxUs: bigint | null = null;
  const index = time ? columns.findIndex((column) => column.name === time.column) : -1;
  if (!time || index < 0) return { minUs, maxUs };
  for (const value of group.values[index] ?? []) {
    const us = toTimeUs(value, time.unit);
    if (us === null) continue;
    if (minUs === null || us < minUs) minUs = us;
    if (maxUs === null || us > maxUs) maxUs = us;
  }
  return { minUs, maxUs };
}
