import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SegmentColumn } from "@/lib/segments/columns";
import { createSegmentWriter, type SegmentWriterOptions, type WrittenSegment } from "@/lib/segments/writer";
import type { Batch, Value, Vector } from "@/lib/stores/batch";
import { folderDriver } from "@/lib/stores/folder/store";
import type { ObjectAccess, Store } from "@/lib/stores/store";
import { vectorText } from "@/lib/stores/text-form";

/** For tests: rows of every physical type, digests computed in process, a folder store of their own. */

export const bytes = (text: string): Uint8Array => Buffer.from(text);

export function column(
  name: string,
  physical: Vector["physical"],
  sourceType: string = physical,
): SegmentColumn {
  return { name, physical, sourceType, nullable: true };
}

export function vector(shape: SegmentColumn, values: Value[], exact: [number, string][] = []): Vector {
  return { ...shape, values, exact: new Map(exact) };
}

export function batchOf(vectors: Vector[]): Batch {
  const rowCount = vectors[0]?.values.length ?? 0;
  const digests = Array.from({ length: rowCount }, (_, row) => rowDigest(vectors, row));
  const sizeBytes = vectors
    .flatMap(({ values }) => values)
    .reduce<number>((sum, value) => sum + (value instanceof Uint8Array ? value.byteLength : 8), 0);
  return { rowCount, vectors, digests, sizeBytes, end: ["end"] };
}

function rowDigest(vectors: Vector[], row: number): Uint8Array {
  const hash = createHash("md5");
  for (const vector of vectors) {
    const text = vectorText(vector, row);
    hash.update(text === null ? ":" : `${Buffer.byteLength(text)}:${text}`);
  }
  return hash.digest();
}

export const COLUMNS: SegmentColumn[] = [
  column("id", "text", "uuid"),
  column("created_at", "timestamp"),
  column("seen_at", "timestamptz"),
  column("day", "date"),
  column("user", "text"),
  column("prompt", "text"),
  column("tokens", "int64", "integer"),
  column("price", "float64", "double precision"),
  column("stream", "bool", "boolean"),
  column("raw", "bytes", "bytea"),
];

/** Rows [from, until) of an endless table, in time order: nulls, an infinite time, Chinese text. */
export function sampleBatch(from: number, until: number): Batch {
  const rows = Array.from({ length: until - from }, (_, index) => from + index);
  const value: Record<string, (row: number) => Value> = {
    id: (row) => bytes(String(row).padStart(8, "0")),
    created_at: (row) => 1_767_225_600_000_000n + BigInt(row) * 1_500_000n,
    seen_at: (row) => (row % 7 === 0 ? null : 1_767_225_600_000_001n + BigInt(row)),
    day: (row) => BigInt(20_454 + (row % 40)),
    user: (row) => (row % 5 === 0 ? null : bytes(`user-${row % 10}`)),
    prompt: (row) => bytes(`问题 ${row}: why is partition ${row % 97} slow?\n${"答".repeat(row % 60)}`),
    tokens: (row) => BigInt(row * 31),
    price: (row) => row / 7,
    stream: (row) => row % 2 === 0,
    raw: (row) => (row % 3 === 0 ? null : Buffer.from([row & 255, 0, 255])),
  };
  const infinite = rows.flatMap((row, index): [number, string][] =>
    row % 49 === 0 ? [[index, "infinity"]] : [],
  );
  return batchOf(
    COLUMNS.map((shape) =>
      vector(shape, rows.map(value[shape.name] ?? (() => null)), shape.name === "seen_at" ? infinite : []),
    ),
  );
}

export interface Scratch {
  root: string;
  store: Store;
  objects: ObjectAccess;
  scratchDir: string;
  remove(): Promise<void>;
}

/** A temporary folder store with a scratch folder beside it. */
export async function openScratch(): Promise<Scratch> {
  const base = await mkdtemp(join(tmpdir(), "strata-segments-"));
  const root = join(base, "store");
  const store = folderDriver.open(
    { path: root },
    { access: "write", name: "test", timeoutMs: 10_000, connections: 1 },
  );
  const { objects } = store;
  if (!objects) throw new Error("a folder holds objects");
  return {
    root,
    store,
    objects,
    scratchDir: join(base, "scratch"),
    remove: () => rm(base, { recursive: true, force: true }),
  };
}

export const writerOptions = (
  scratchDir: string,
  changes: Partial<SegmentWriterOptions> = {},
): SegmentWriterOptions => ({
  segmentId: "segment-1",
  dataset: { name: "messages", store: "prod", schema: "public", table: "messages" },
  month: "2026-01",
  columns: COLUMNS,
  keyColumns: ["id"],
  time: { column: "created_at", unit: "timestamp" },
  window: { after: null, end: ["2026-02-01 00:00:00", "9"] },
  operationId: "operation-1",
  versions: { strata: "0.1.0", store: "18.4" },
  scratchDir,
  ...changes,
});

export async function writeSample(
  scratchDir: string,
  rowCount: number,
  changes: Partial<SegmentWriterOptions> = {},
): Promise<WrittenSegment> {
  const writer = await createSegmentWriter(writerOptions(scratchDir, changes));
  for (let from = 0; from < rowCount; from += 1000)
    await writer.append(sampleBatch(from, Math.min(rowCount, from + 1000)));
  return writer.finish();
}
