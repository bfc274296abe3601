import { join } from "node:path";
import { commitSegment } from "@/lib/segments/commit";
import { createThreadedSidecarBuilder } from "@/lib/segments/gram-builder";
import { createSegmentWriter, type WrittenSegment } from "@/lib/segments/writer";
import type { Cursor } from "@/lib/stores/batch";
import { folderDriver } from "@/lib/stores/folder/store";
import type { FamilyScope, RowAccess, Window } from "@/lib/stores/rows";
import type { ObjectAccess } from "@/lib/stores/store";
import type { TableRef, TableShape, TimeColumn } from "@/lib/stores/table";

/** What an archive takes for a window (lib/operations/archive/cold). */
const WINDOW_ROWS = 32_000;
const BATCH = { batchRows: 2_000, batchBytes: 4 << 20 };

export interface ExportJob {
  rows: RowAccess;
  table: TableRef;
  time: TimeColumn;
  textColumns: readonly string[];
  /** Role → column. */
  filters: Readonly<Record<string, string>>;
  /** An empty folder: segments and scratch files. */
  dir: string;
}

/**
 * The archive's own way to cold without its deletion: windows, digests, Parquet, put, read back, proved; the next window
 * is copied while the last one is put. Returns the rows that were exported.
 */
export async function exportToCold(job: ExportJob): Promise<number> {
  const cold = folderDriver.open(
    { path: join(job.dir, "cold") },
    { name: "bench", timeoutMs: 60_000, connections: 1, access: "write" },
  );
  if (!cold.objects) throw new Error("a folder holds objects");
  const signal = new AbortController().signal;
  const shape = await job.rows.describe(job.table, signal);
  const layout = shape.columns.map(({ name, physical, type }) => ({ name, physical, sourceType: type }));
  const scope: FamilyScope = {
    members: [{ table: job.table, key: shape.key ?? [], columns: [], via: null, layout }],
    time: job.time,
    fromUs: null,
    untilUs: null,
  };
  let after: Cursor | null = null;
  let committing: Promise<number> = Promise.resolve(0);
  let total = 0;
  for (let number = 0; ; number += 1) {
    const window: Window | null = await job.rows.window(scope, after, WINDOW_ROWS, signal);
    if (!window) break;
    const written = await copy(job, scope, shape, after, window, `window-${number}`);
    total += await committing;
    committing = commit(cold.objects, written, signal);
    after = window.end;
  }
  return total + (await committing);
}

async function commit(objects: ObjectAccess, written: WrittenSegment, signal: AbortSignal): Promise<number> {
  const { manifest } = await commitSegment(objects, written, signal);
  await written.discard();
  return manifest.rowCount;
}

async function copy(
  job: ExportJob,
  scope: FamilyScope,
  shape: TableShape,
  after: Cursor | null,
  window: Window,
  segmentId: string,
): Promise<WrittenSegment> {
  const { textColumns, filters } = job;
  const writer = await createSegmentWriter({
    segmentId,
    dataset: { name: "bench", store: "bench", schema: job.table.schema, table: job.table.name },
    month: window.month,
    columns: shape.columns.map(({ name, physical, type, nullable }) => ({
      name,
      physical,
      sourceType: type,
      nullable,
    })),
    keyColumns: shape.key ?? [],
    time: scope.time,
    window: { after, end: window.end },
    operationId: "bench",
    versions: { strata: "bench", store: "bench" },
    scratchDir: join(job.dir, "scratch"),
    sidecar: {
      builder: createThreadedSidecarBuilder({ textColumns, filterRoles: Object.keys(filters) }),
      textColumns,
      filters,
    },
  });
  const options = { member: 0, after, upTo: window.end, ...BATCH, digests: true, versions: true };
  for await (const batch of job.rows.read(scope, options, new AbortController().signal))
    await writer.append(batch);
  return writer.finish();
}
