import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { AppError, StoreError } from "@/lib/errors";
import { DIGEST_COLUMN, EXACT_COLUMN, parquetSchema, type SegmentColumn } from "@/lib/segments/columns";
import { segmentKeys } from "@/lib/segments/key";
import { createParquetFile, type ParquetFile } from "@/lib/segments/parquet-file";
import {
  addRows,
  cutRows,
  emptyRowGroup,
  parquetColumns,
  type RowGroup,
  timeBounds,
} from "@/lib/segments/row-group";
import type { Manifest, SidecarBuilder } from "@/lib/segments/segment";
import type { Batch } from "@/lib/stores/batch";
import { addDigests, digestHex, emptyDigest } from "@/lib/stores/digest";
import type { TimeColumn } from "@/lib/stores/table";

/** A row group ends at whichever comes first. A search reads whole ones: at twice the size a rare word takes twice as long. */
const GROUP_MAX_ROWS = 2000;
const GROUP_MAX_BYTES = 4 << 20;

export interface SegmentWriterOptions {
  segmentId: string;
  dataset: Manifest["dataset"];
  /** YYYY-MM: the root's month for members of a family. */
  month: string;
  /** In the order of the batches' vectors. */
  columns: readonly SegmentColumn[];
  keyColumns: readonly string[];
  time: TimeColumn | null;
  window: Manifest["window"];
  operationId: string;
  versions: Manifest["versions"];
  /** An existing or creatable folder on a local disk; holds one file of the segment's size. */
  scratchDir: string;
  sidecar?: {
    builder: SidecarBuilder;
    textColumns: readonly string[];
    /** Role → column. */
    filters: Readonly<Record<string, string>>;
  };
}

export interface WrittenSegment {
  manifest: Manifest;
  parquetPath: string;
  /** Bytes of the `.grams` object, null without a sidecar. */
  sidecar: Uint8Array | null;
  /** Removes the local file. */
  discard(): Promise<void>;
}

export interface SegmentWriter {
  /** Rows in file order. Resolves when the next batch may come; memory stays bounded by two row groups. */
  append(batch: Batch): Promise<void>;
  /** Writes the rest and the footer. Throws bad_input when no row was appended. */
  finish(): Promise<WrittenSegment>;
  /** Removes the local file. Harmless after `finish`, and twice. */
  abort(): Promise<void>;
  /** Source bytes and rows appended so far. */
  readonly sizeBytes: number;
  readonly rowCount: number;
}

/** Starts a segment in a local file. Nothing reaches a store before `commitSegment`. */
export async function createSegmentWriter(options: SegmentWriterOptions): Promise<SegmentWriter> {
  refuseReservedNames(options.columns);
  await mkdir(options.scratchDir, { recursive: true });
  const path = join(options.scratchDir, `${options.segmentId}.parquet`);
  await rm(path, { force: true }); // of an attempt that was killed
  const file = await createParquetFile(path, parquetSchema(options.columns));
  return new StreamingWriter(options, path, file);
}

function refuseReservedNames(columns: readonly SegmentColumn[]): void {
  const taken = columns.find(({ name }) => [DIGEST_COLUMN, EXACT_COLUMN].includes(name.toLowerCase()));
  if (taken)
    throw new AppError(
      "bad_input",
      `The table has a column named "${taken.name}", a name that segments keep for themselves. Rename the column; until then this table cannot be archived to cold storage.`,
      { details: { column: taken.name }, key: "segmentReservedColumn" },
    );
}

class StreamingWriter implements SegmentWriter {
  sizeBytes = 0;
  rowCount = 0;
  #group: RowGroup;
  #flushing: Promise<void> = Promise.resolve();
  #digest = emptyDigest();
  #exact = false;
  #groups: { rowCount: number; minTimeUs: string | null; maxTimeUs: string | null }[] = [];
  #minUs: bigint | null = null;
  #maxUs: bigint | null = null;
  #pruned: ReadonlySet<string>;
  #sidecarIndexes: { text: number[]; filters: [string, number][] };

  constructor(
    readonly options: SegmentWriterOptions,
    readonly path: string,
    readonly file: ParquetFile,
  ) {
    const { columns, keyColumns, time, sidecar } = options;
    this.#group = emptyRowGroup(columns.length);
    const filters = Object.entries(sidecar?.filters ?? {});
    this.#pruned = new Set([
      ...keyColumns,
      ...(time ? [time.column] : []),
      ...filters.map(([, name]) => name),
    ]);
    const indexOf = (name: string) => columns.findIndex((column) => column.name === name);
    this.#sidecarIndexes = {
      text: (sidecar?.textColumns ?? []).map(indexOf),
      filters: filters.map(([role, name]) => [role, indexOf(name)]),
    };
  }

  async append(batch: Batch): Promise<void> {
    this.#refuseOtherColumns(batch);
    this.#digest = addDigests(this.#digest, batch.digests);
    this.sizeBytes += batch.sizeBytes;
    this.rowCount += batch.rowCount;
    for (let from = 0; from < batch.rowCount; ) {
      const room = {
        rows: GROUP_MAX_ROWS - this.#group.rowCount,
        bytes: GROUP_MAX_BYTES - this.#group.sizeBytes,
      };
      const cut = cutRows(batch, from, room);
      addRows(this.#group, batch, from, cut.until, cut.sizeBytes);
      from = cut.until;
      if (
        this.#group.rowCount >= GROUP_MAX_ROWS ||
        this.#group.sizeBytes >= GROUP_MAX_BYTES ||
        from < batch.rowCount
      )
        await this.#flush();
    }
  }

  async finish(): Promise<WrittenSegment> {
    if (this.rowCount === 0)
      throw new AppError("bad_input", "A segment needs at least one row.", { key: "segmentEmpty" });
    if (this.#group.rowCount > 0) await this.#flush();
    await this.#flushing;
    const { sizeBytes, sha256 } = await this.file.finish();
    const sidecar = (await this.options.sidecar?.builder.finish()) ?? null;
    const manifest = this.#manifest(sizeBytes, sha256, sidecar);
    return { manifest, parquetPath: this.path, sidecar, discard: () => rm(this.path, { force: true }) };
  }

  async abort(): Promise<void> {
    await this.#flushing.catch(() => undefined);
    this.options.sidecar?.builder.abort();
    await this.file.abort();
    await rm(this.path, { force: true });
  }

  /** Starts writing the collected rows and returns when the group before them is in the file. */
  async #flush(): Promise<void> {
    const group = this.#group;
    this.#group = emptyRowGroup(this.options.columns.length);
    await this.#flushing;
    this.#note(group);
    this.#exact ||= group.exact.some((text) => text !== null);
    const columns = parquetColumns(group, this.options.columns, this.#pruned);
    this.#flushing = this.file.writeRowGroup(columns);
    this.#flushing.catch(() => undefined); // thrown by the next append or by finish
    await this.#addToSidecar(group); // while the pages are compressed on other threads
  }

  #note(group: RowGroup): void {
    const { minUs, maxUs } = timeBounds(group, this.options.columns, this.options.time);
    if (minUs !== null && (this.#minUs === null || minUs < this.#minUs)) this.#minUs = minUs;
    if (maxUs !== null && (this.#maxUs === null || maxUs > this.#maxUs)) this.#maxUs = maxUs;
    this.#groups.push({ rowCount: group.rowCount, minTimeUs: text(minUs), maxTimeUs: text(maxUs) });
  }

  async #addToSidecar(group: RowGroup): Promise<void> {
    const { text, filters } = this.#sidecarIndexes;
    await this.options.sidecar?.builder.addRowGroup({
      texts: text.map((index) => group.values[index] ?? []),
      filters: Object.fromEntries(filters.map(([role, index]) => [role, group.values[index] ?? []])),
    });
  }

  /** A table altered in mid-export would shift values into wrong columns. */
  #refuseOtherColumns(batch: Batch): void {
    const { columns } = this.options;
    const same =
      batch.vectors.length === columns.length &&
      batch.vectors.every(
        (vector, index) =>
          vector.name === columns[index]?.name && vector.physical === columns[index]?.physical,
      );
    if (!same)
      throw new StoreError(
        "stale_plan",
        "The columns of the table changed while it was being exported. Nothing was deleted. Make a new plan.",
        { key: "segmentColumnsChanged" },
      );
  }

  #manifest(sizeBytes: number, sha256: string, sidecar: Uint8Array | null): Manifest {
    const { options } = this;
    const keys = segmentKeys(options.dataset.store, options.dataset.name, options.month, options.segmentId);
    return {
      format: "strata-segment/1",
      segmentId: options.segmentId,
      dataset: options.dataset,
      month: options.month,
      key: keys.parquet,
      rowCount: this.rowCount,
      sizeBytes,
      sourceBytes: this.sizeBytes,
      sha256,
      digest: digestHex(this.#digest),
      keyColumns: options.keyColumns,
      time: options.time,
      minTimeUs: text(this.#minUs),
      maxTimeUs: text(this.#maxUs),
      columns: options.columns,
      exact: this.#exact,
      rowGroups: this.#groups,
      sidecar: sidecar && {
        key: keys.grams,
        sizeBytes: sidecar.byteLength,
        sha256: createHash("sha256").update(sidecar).digest("hex"),
        columns: options.sidecar?.textColumns ?? [],
      },
      window: options.window,
      operationId: options.operationId,
      createdAt: new Date().toISOString(),
      versions: options.versions,
    };
  }
}

const text = (value: bigint | null): string | null => value?.toString() ?? null;
