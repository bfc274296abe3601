import type { Batch, Vector } from "@/lib/stores/batch";
import { addDigests, type DigestSum, emptyDigest } from "@/lib/stores/digest";
import type { FamilyScope, ReadOptions, RowAccess } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

/** One root row: `at` microseconds since 1970. Its children are rows of the member table that hang on it. */
export interface RootRow {
  id: string;
  atUs: bigint;
  text: string;
}

/** A family of two tables, root (id, at, text) and child (id, root id, text), empty at the start of each test. */
export interface RowFixture {
  /** Empties the family and its archive tables. */
  reset(): Promise<void>;
  scope(): FamilyScope;
  /** Names for archive tables, which do not exist. */
  targets(): TableRef[];
  insert(rows: readonly RootRow[], childrenPerRow: number): Promise<void>;
  /** Changes the text of a root row, or of the first child of it. */
  change(member: 0 | 1, rootId: string): Promise<void>;
  addChild(rootId: string): Promise<void>;
  count(member: 0 | 1): Promise<number>;
  dropRoot(): Promise<void>;
  /** Where a server refuses a value of 16 MB: the largest it takes, in bytes. */
  maxValueBytes?: number;
  /** Names of the root's columns. */
  columns: { id: string; time: string; text: string };
  /** The key of a row that was inserted, where the store makes it up itself. Default: the row's id. */
  keyOf?(rootId: string): string;
}

const MINUTE_US = 60_000_000n;
export const START_US = BigInt(Date.UTC(2025, 0, 31, 22)) * 1_000n;
export const signal = () => AbortSignal.timeout(20_000);

export const rootRow = (n: number, stepUs: bigint = MINUTE_US): RootRow => ({
  id: String(n),
  atUs: START_US + BigInt(n) * stepUs,
  text: `row ${n} 归档 "quoted" \\ back`,
});
export const rootRows = (count: number): RootRow[] => Array.from({ length: count }, (_, n) => rootRow(n));

export const options = (more: Partial<ReadOptions> = {}): ReadOptions => ({
  member: 0,
  after: null,
  upTo: null,
  batchRows: 7,
  batchBytes: 1 << 20,
  digests: true,
  ...more,
});

const decode = (vector: Vector | undefined, row: number): string => {
  const value = vector?.values[row];
  return value instanceof Uint8Array ? Buffer.from(value).toString("utf8") : String(value);
};

export const column = (batch: Batch, name: string): string[] => {
  const vector = batch.vectors.find((one) => one.name === name);
  return Array.from({ length: batch.rowCount }, (_, row) => decode(vector, row));
};

export async function readAll(
  rows: RowAccess,
  scope: FamilyScope,
  how: Partial<ReadOptions> = {},
): Promise<Batch[]> {
  const batches: Batch[] = [];
  for await (const batch of rows.read(scope, options(how), signal())) batches.push(batch);
  return batches;
}

export const digestOf = (batches: readonly Batch[]): DigestSum =>
  batches.reduce((sum, batch) => addDigests(sum, batch.digests), emptyDigest());
