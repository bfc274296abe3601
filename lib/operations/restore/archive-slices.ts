import { familyScope } from "@/lib/datasets/family";
import {
  addKeys,
  emptyKeyTable,
  familyParts,
  type KeyTable,
  linkColumns,
} from "@/lib/operations/archive/cold/key-table";
import { cursorTimeUs } from "@/lib/operations/cursor-time";
import type { RestoreJob } from "@/lib/operations/restore/job";
import type { PlacedBatch, Slice } from "@/lib/operations/restore/slice";
import { cannot } from "@/lib/operations/row-access";
import { keyId } from "@/lib/segments/read";
import type { Cursor, RowKey } from "@/lib/stores/batch";
import type { FamilyScope } from "@/lib/stores/rows";
import { vectorText } from "@/lib/stores/text-form";

/** Root rows of one slice: what is written and taken out of the archive in one breath. */
const SLICE_ROWS = 2_000;
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 4 << 20;

interface Cut {
  sliceId: string;
  scope: FamilyScope;
  after: Cursor | null;
  upTo: Cursor | null;
  /** Null: every root row of the cut. */
  key: string | null;
}

/** The rows of the archive tables that are asked for, oldest first, or key by key. */
export async function* archiveSlices(job: RestoreJob, after: string | null): AsyncGenerator<Slice> {
  for await (const cut of job.keys ? keyCuts(job, after) : rangeCuts(job, after)) {
    const slice = await sliceOf(job, cut);
    if (slice.wanted.length > 0) yield slice;
  }
}

async function* rangeCuts(job: RestoreJob, after: string | null): AsyncGenerator<Cut> {
  const scope = familyScope(job.family, "archive", { fromUs: job.fromUs, untilUs: job.untilUs });
  let from: Cursor | null = after === null ? null : (JSON.parse(after) as Cursor);
  for (;;) {
    const window = await job.rows.window(scope, from, SLICE_ROWS, job.signal);
    if (!window) return;
    yield { sliceId: JSON.stringify(window.end), scope, after: from, upTo: window.end, key: null };
    from = window.end;
  }
}

async function* keyCuts(job: RestoreJob, after: string | null): AsyncGenerator<Cut> {
  const keys = [...(job.params.keys ?? [])]
    .map((key) => ({ key, id: keyId(key) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const { key, id } of keys) {
    if (after !== null && id <= after) continue;
    const us = await timeOf(job, key);
    if (us === null) continue;
    // The root's own instant: a handful of rows, of which one has the key.
    const scope = familyScope(job.family, "archive", { fromUs: us, untilUs: us + 1n });
    yield { sliceId: id, scope, after: null, upTo: null, key: id };
  }
}

async function timeOf(job: RestoreJob, key: RowKey): Promise<bigint | null> {
  const scope = familyScope(job.family, "archive", { fromUs: null, untilUs: null });
  const root = scope.members[0];
  if (!root) return null;
  const batch = await job.rows.find(root, [key], job.signal);
  const time = batch.vectors.find((vector) => vector.name === scope.time.column);
  return batch.rowCount === 0 || !time ? null : cursorTimeUs([vectorText(time, 0) ?? ""], scope.time);
}

async function sliceOf(job: RestoreJob, cut: Cut): Promise<Slice> {
  const tables: KeyTable[] = [];
  for (const member of cut.scope.members.keys()) {
    const table = emptyKeyTable(linkColumns(cut.scope.members, member));
    const key = cut.scope.members[member]?.key ?? [];
    for await (const batch of readCut(job, cut, member)) addKeys(table, batch, key);
    tables.push(table);
  }
  const roots = tables[0]?.keys ?? [];
  return {
    sliceId: cut.sliceId,
    tables,
    absent: tables.map(() => new Set()),
    wanted: roots.flatMap((key, at) => (cut.key === null || keyId(key) === cut.key ? [at] : [])),
    read: (member) => placed(job, cut, member),
    giveUp: (rows) => giveUp(job, cut, tables, rows),
  };
}

const readCut = (job: RestoreJob, cut: Cut, member: number) =>
  job.rows.read(
    cut.scope,
    {
      member,
      after: cut.after,
      upTo: cut.upTo,
      batchRows: BATCH_ROWS,
      batchBytes: BATCH_BYTES,
      digests: true,
    },
    job.signal,
  );

async function* placed(job: RestoreJob, cut: Cut, member: number): AsyncGenerator<PlacedBatch> {
  let from = 0;
  for await (const batch of readCut(job, cut, member)) {
    const start = from;
    yield { batch, positions: Array.from({ length: batch.rowCount }, (_, row) => start + row) };
    from += batch.rowCount;
  }
}

/** Deletes from the archive what is hot now, in one transaction: by key and equal content, families whole. */
async function giveUp(
  job: RestoreJob,
  cut: Cut,
  tables: readonly KeyTable[],
  rows: readonly (readonly number[])[],
): Promise<void> {
  if (!job.rows.deleteRows) throw cannot(job.family.store.name, "deleteRows");
  const given = rows.map((positions) => new Set(positions));
  const skip = tables.map(
    (table, member) => new Set([...table.keys.keys()].filter((at) => !given[member]?.has(at))),
  );
  for (const parts of familyParts(cut.scope, tables, () => Number.MAX_SAFE_INTEGER, skip)) {
    await job.rows.deleteRows(cut.scope, parts, job.signal, job.holdLease);
  }
}
