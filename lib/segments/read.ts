import { isAppError } from "@/lib/errors";
import { DIGEST_COLUMN, EXACT_COLUMN } from "@/lib/segments/columns";
import { goneRows } from "@/lib/segments/gone";
import { checkedCopy, corrupt, localCopy } from "@/lib/segments/local";
import { openParquet, type ParquetReader } from "@/lib/segments/parquet-reader";
import type { Manifest } from "@/lib/segments/segment";
import type { Batch, Cursor, RowKey, Value, Vector } from "@/lib/stores/batch";
import type { ObjectAccess } from "@/lib/stores/store";
import { vectorText } from "@/lib/stores/text-form";

export interface ReadSegmentOptions {
  /** Columns to return, in this order; all of the manifest's by default. */
  columns?: readonly string[];
  /** Row positions to return; all by default. Only the row groups that hold them are read. */
  rows?: readonly number[];
  /** Row groups to return; all by default. */
  rowGroups?: readonly number[];
  /** Whether rows that the segment no longer owns are left out. Default true. */
  skipGone?: boolean;
  /** `sha256` reads the whole object first, as a restore must; `size` is for a search. Default sha256. */
  check?: "sha256" | "size";
}

export interface SegmentBatch extends Batch {
  /** Position in the segment of each row of the batch. */
  positions: readonly number[];
}

/**
 * Rows of a segment in file order, one batch per row group, as the source gave them. Memory is bounded by one
 * row group. Throws not_found or corrupt naming the object, before the first row with `check: "sha256"`.
 */
export async function* readSegment(
  objects: ObjectAccess,
  manifest: Manifest,
  options: ReadSegmentOptions,
  signal: AbortSignal,
): AsyncGenerator<SegmentBatch> {
  const skipped = options.skipGone === false ? new Set<number>() : await goneRows(objects, manifest, signal);
  const path =
    options.check === "size"
      ? await localCopy(objects, manifest, signal)
      : await checkedCopy(objects, manifest, "cached", signal);
  const reader = await named(manifest, () => openParquet(path));
  try {
    for (const group of selectedGroups(manifest, options, skipped)) {
      signal.throwIfAborted();
      yield await named(manifest, () => readGroup(reader, manifest, group, options.columns));
    }
  } finally {
    await reader.close();
  }
}

interface SelectedGroup {
  from: number;
  until: number;
  positions: number[];
}

function* selectedGroups(
  manifest: Manifest,
  options: ReadSegmentOptions,
  skipped: ReadonlySet<number>,
): Generator<SelectedGroup> {
  const wantedRows = options.rows && new Set(options.rows);
  const wantedGroups = options.rowGroups && new Set(options.rowGroups);
  let from = 0;
  for (const [index, { rowCount }] of manifest.rowGroups.entries()) {
    const until = from + rowCount;
    if (!wantedGroups || wantedGroups.has(index)) {
      const positions: number[] = [];
      for (let row = from; row < until; row++)
        if (!skipped.has(row) && (!wantedRows || wantedRows.has(row))) positions.push(row);
      if (positions.length > 0) yield { from, until, positions };
    }
    from = until;
  }
}

/** A file whose bytes are right but cannot be read is as unusable as a damaged one. */
async function named<T>(manifest: Manifest, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw isAppError(error) ? error : corrupt(manifest.key, "unreadable", error);
  }
}

async function readGroup(
  reader: ParquetReader,
  manifest: Manifest,
  group: SelectedGroup,
  columns: readonly string[] | undefined,
): Promise<SegmentBatch> {
  const wanted = columns ?? manifest.columns.map(({ name }) => name);
  const cursorColumns = [...(manifest.time ? [manifest.time.column] : []), ...manifest.keyColumns];
  const names = [...new Set([...wanted, ...cursorColumns])];
  const extra = manifest.exact ? [DIGEST_COLUMN, EXACT_COLUMN] : [DIGEST_COLUMN];
  const data = await reader.read([...names, ...extra], group.from, group.until);
  const pick = (values: Value[]): Value[] =>
    group.positions.length === values.length
      ? values
      : group.positions.map((row) => values[row - group.from] ?? null);
  const exact = exactTexts(pick(data.get(EXACT_COLUMN) ?? []));
  const vectorOf = (name: string) => vector(manifest, name, pick(data.get(name) ?? []), exact);
  const vectors = wanted.map(vectorOf);
  const last = group.positions.length - 1;
  return {
    rowCount: group.positions.length,
    vectors,
    digests: pick(data.get(DIGEST_COLUMN) ?? []).map(digestBytes),
    sizeBytes: vectors.reduce((sum, { values }) => sum + valueBytes(values), 0),
    end: cursorColumns.map((name) => vectorText(vectorOf(name), last) ?? ""),
    positions: group.positions,
  };
}

function exactTexts(values: readonly Value[]): Map<string, Map<number, string>> {
  const byColumn = new Map<string, Map<number, string>>();
  values.forEach((value, row) => {
    if (!(value instanceof Uint8Array)) return;
    const texts: Record<string, string> = JSON.parse(Buffer.from(value).toString("utf8"));
    for (const [column, text] of Object.entries(texts)) {
      const rows = byColumn.get(column) ?? new Map<number, string>();
      byColumn.set(column, rows.set(row, text));
    }
  });
  return byColumn;
}

function vector(
  manifest: Manifest,
  name: string,
  values: Value[],
  exact: Map<string, Map<number, string>>,
): Vector {
  const column = manifest.columns.find((candidate) => candidate.name === name);
  if (!column) throw new RangeError(`the segment has no column ${name}`);
  const texts = exact.get(name);
  return {
    name,
    physical: column.physical,
    sourceType: column.sourceType,
    values: texts ? values.map((value, row) => (texts.has(row) ? null : value)) : values,
    exact: texts ?? new Map(),
  };
}

function digestBytes(value: Value): Uint8Array {
  if (value instanceof Uint8Array && value.byteLength === 16) return value;
  throw new TypeError("a row has no digest");
}

function valueBytes(values: readonly Value[]): number {
  let sizeBytes = 0;
  for (const value of values) sizeBytes += value instanceof Uint8Array ? value.byteLength : 8;
  return sizeBytes;
}

/** Positions of the rows with these keys, by key as JSON of its text forms; missing keys are left out. */
export async function findRows(
  objects: ObjectAccess,
  manifest: Manifest,
  keys: readonly RowKey[],
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const wanted = new Set(keys.map(keyId));
  const found = new Map<string, number>();
  const options = { columns: manifest.keyColumns, skipGone: false, check: "size" } as const;
  for await (const batch of readSegment(objects, manifest, options, signal)) {
    batch.positions.forEach((position, row) => {
      const id = keyId(batch.vectors.map((column) => vectorText(column, row) ?? ""));
      if (wanted.has(id)) found.set(id, position);
    });
    if (found.size === wanted.size) break;
  }
  return found;
}

/** How `findRows` names a key. */
export const keyId = (key: RowKey | Cursor): string => JSON.stringify(key);
