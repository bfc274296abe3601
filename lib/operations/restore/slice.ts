import type { KeyTable } from "@/lib/operations/archive/cold/key-table";
import type { Batch, RowKey } from "@/lib/stores/batch";

/** Rows of a batch with their positions in the slice's member. */
export interface PlacedBatch {
  batch: Batch;
  positions: readonly number[];
}

/** A part of a colder tier that is restored as one: a window of the archive tables, or the segments of one window. */
export interface Slice {
  /** Grows from slice to slice. */
  sliceId: string;
  /** Per member: keys, digests and links of all its rows; and which of them are not there any more. */
  tables: KeyTable[];
  absent: ReadonlySet<number>[];
  /** Positions of the root rows that were asked for. */
  wanted: readonly number[];
  /** Whole rows of a member; those at other positions than the given may come as well. */
  read(member: number, positions: ReadonlySet<number>): AsyncIterable<PlacedBatch>;
  /** Takes these rows, which are hot now, out of the colder tier. Idempotent. */
  giveUp(rows: readonly (readonly number[])[]): Promise<void>;
}

/** The rows of a batch at these indexes, as a batch. */
export function subset(batch: Batch, rows: readonly number[]): Batch {
  if (rows.length === batch.rowCount) return batch;
  return {
    rowCount: rows.length,
    vectors: batch.vectors.map((vector) => ({
      ...vector,
      values: rows.map((row) => vector.values[row] ?? null),
      exact: new Map(
        rows.flatMap((row, at) => (vector.exact.has(row) ? [[at, vector.exact.get(row) ?? ""]] : [])),
      ),
    })),
    digests: rows.map((row) => batch.digests[row] ?? new Uint8Array(16)),
    sizeBytes: Math.round((batch.sizeBytes * rows.length) / Math.max(1, batch.rowCount)),
    end: batch.end,
  };
}

export interface Conflict {
  member: number;
  key: RowKey;
  reason: string;
}
