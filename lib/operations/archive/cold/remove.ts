import { isAppError } from "@/lib/errors";
import type { ColdCursor, PendingWindow } from "@/lib/operations/archive/cold/cursor";
import { dropPending, replacePending } from "@/lib/operations/archive/cold/cursor";
import type { ExportedWindow } from "@/lib/operations/archive/cold/export";
import type { ColdJob } from "@/lib/operations/archive/cold/job";
import {
  addKeys,
  emptyKeyTable,
  familyParts,
  type KeyTable,
  linkColumns,
} from "@/lib/operations/archive/cold/key-table";
import { cannot } from "@/lib/operations/row-access";
import { joinSums, loadSum, withoutSum } from "@/lib/operations/sums";
import { isRetired, recordRetired } from "@/lib/segments/catalogue";
import { appendGone, goneRows, retireSegment } from "@/lib/segments/gone";
import { keysOfParquet } from "@/lib/segments/key";
import { readManifest } from "@/lib/segments/manifest";
import { keyId, readSegment } from "@/lib/segments/read";
import type { Manifest } from "@/lib/segments/segment";
import { addDigests, type DigestSum, emptyDigest } from "@/lib/stores/digest";
import type { DeleteResult } from "@/lib/stores/rows";

/** Root rows of one delete: a transaction that stays short whatever the throttle allows. */
const MOST_ROOTS = 10_000;

export interface Removal extends ExportedWindow {
  /** Per member: positions that its segment does not own any more; never deleted from the source. */
  gone: Set<number>[];
}

export const freshRemoval = (exported: ExportedWindow): Removal => ({
  ...exported,
  gone: exported.tables.map(() => new Set()),
});

/** What a crash or a pause left: keys and digests are read again from the committed segments. */
export async function reloadRemoval(job: ColdJob, window: PendingWindow): Promise<Removal> {
  const tables: KeyTable[] = [];
  const manifests: (Manifest | null)[] = [];
  const gone: Set<number>[] = [];
  for (const [member, { key }] of job.hot.members.entries()) {
    const links = linkColumns(job.hot.members, member);
    const parquet = window.keys[member] ?? null;
    const manifest = parquet ? await manifestOf(job, parquet, window.segmentIds[member] ?? "") : null;
    const table = emptyKeyTable(links, manifest?.columns ?? []);
    if (manifest) {
      const options = { columns: [...new Set([...key, ...links])], skipGone: false } as const;
      for await (const batch of readSegment(job.objects, manifest, options, job.context.signal))
        addKeys(table, batch, key);
    }
    tables.push(table);
    manifests.push(manifest);
    gone.push(manifest ? await goneRows(job.objects, manifest, job.context.signal) : new Set());
  }
  return { window, tables, manifests, gone };
}

/** Null: the segment owned nothing any more and was retired, before a crash or by a restore since. */
async function manifestOf(job: ColdJob, parquet: string, segmentId: string): Promise<Manifest | null> {
  try {
    return await readManifest(job.objects, keysOfParquet(parquet).manifest, job.context.signal);
  } catch (error) {
    if (isAppError(error) && error.code === "not_found" && (await isRetired(segmentId))) return null;
    throw error;
  }
}

/**
 * Deletes a committed window from the source, by exact key and equal digest, a batch of root rows at a time, and then
 * lists in the segments what stays hot. Yields after each batch. Idempotent.
 */
export async function* removeWindow(
  job: ColdJob,
  at: ColdCursor,
  removal: Removal,
): AsyncGenerator<ColdCursor, ColdCursor> {
  let window = removal.window;
  let cursor = at;
  const kept: Set<number>[] = removal.tables.map(() => new Set());
  const maxRoots = () => Math.min(MOST_ROOTS, job.context.throttle().batchRows);
  const positions = removal.tables.map(({ keys }) => new Map(keys.map((key, row) => [keyId(key), row])));
  if (!job.rows.deleteRows) throw cannot(job.family.store.name, "deleteRows");
  for (const parts of familyParts(job.hot, removal.tables, maxRoots, removal.gone)) {
    const { signal, holdLease } = job.context;
    const result = await job.rows.deleteRows(job.hot, parts, signal, holdLease);
    noteKept(result, positions, kept);
    window = { ...window, deleted: joinSums(window.deleted, result.deleted) };
    cursor = replacePending(cursor, window);
    yield cursor;
  }
  await disownKept(job, removal, kept);
  return finished(cursor, window, removal, kept);
}

function noteKept(result: DeleteResult, positions: Map<string, number>[], kept: Set<number>[]): void {
  for (const { member, key } of result.kept) {
    const position = positions[member]?.get(keyId(key));
    if (position !== undefined) kept[member]?.add(position);
  }
}

/** Rows that were in no part (their root came during the export) are still hot, like those that were refused. */
async function disownKept(job: ColdJob, removal: Removal, kept: Set<number>[]): Promise<void> {
  const orphans = orphanRows(job, removal);
  for (const [member, manifest] of removal.manifests.entries()) {
    for (const row of orphans[member] ?? []) kept[member]?.add(row);
    const rows = [...(kept[member] ?? [])];
    if (!manifest || rows.length === 0) continue;
    await disown(job, manifest, rows);
    job.context.log(
      `${rows.length} rows of ${manifest.dataset.name} changed meanwhile and stay where they are`,
      "warn",
    );
  }
}

function orphanRows(job: ColdJob, removal: Removal): number[][] {
  const inParts = removal.tables.map(() => new Set<string>());
  for (const parts of familyParts(job.hot, removal.tables, () => Number.MAX_SAFE_INTEGER, removal.gone)) {
    for (const part of parts) for (const key of part.keys) inParts[part.member]?.add(keyId(key));
  }
  return removal.tables.map((table, member) =>
    table.keys.flatMap((key, row) =>
      inParts[member]?.has(keyId(key)) || removal.gone[member]?.has(row) ? [] : [row],
    ),
  );
}

/** Takes rows from a segment; one that owns nothing any more is retired. */
export async function disown(
  job: ColdJob,
  manifest: Manifest,
  rows: readonly number[],
  reason: "keptHot" | "superseded" = "keptHot",
): Promise<void> {
  const entry = { rows, reason, operationId: job.context.operationId };
  const gone = await appendGone(job.objects, manifest, entry, job.context.signal);
  if (gone.size < manifest.rowCount) return;
  // The catalogue first: nobody must look for a file that is about to go, and whoever resumes must know why it went.
  await recordRetired(manifest.segmentId);
  await retireSegment(job.objects, manifest, job.context.signal);
}

/** The cursor with a window's figures added to those of the windows before it. */
export function finished(
  at: ColdCursor,
  window: PendingWindow,
  removal: Removal,
  kept: Set<number>[],
): ColdCursor {
  const proved = window.proved.map(loadSum);
  const deleted = window.deleted.map(loadSum);
  // Rows that were gone already (of an earlier attempt) count as kept: they were disowned for that reason.
  const keptSums = removal.tables.map((table, member) => {
    const retired = !removal.manifests[member] && proved[member];
    if (retired) return withoutSum(retired, deleted[member] ?? emptyDigest());
    return digestsAt(table, [...(kept[member] ?? []), ...(removal.gone[member] ?? [])]);
  });
  const missing = proved.map((sum, member) =>
    withoutSum(withoutSum(sum, keptSums[member] ?? emptyDigest()), deleted[member] ?? emptyDigest()),
  );
  const rows = proved.reduce((sum, { rowCount }) => sum + rowCount, BigInt(window.skipped));
  return {
    ...dropPending(at, window.number),
    proved: joinSums(at.proved, proved),
    deleted: joinSums(at.deleted, deleted),
    kept: joinSums(at.kept, keptSums),
    missing: at.missing.map((sum, member) => {
      const added = missing[member] ?? emptyDigest();
      // A digest without rows is a difference, not a gap: it stays visible in the proof.
      return added.rowCount === 0n ? sum : (joinSums([sum], [added])[0] ?? sum);
    }),
    rows: (BigInt(at.rows) + rows).toString(),
    bytes: (BigInt(at.bytes) + BigInt(window.bytes)).toString(),
  };
}

function digestsAt(table: KeyTable, rows: Iterable<number>): DigestSum {
  const digests = [...new Set(rows)].flatMap((row) => table.digests[row] ?? []);
  return addDigests(emptyDigest(), digests);
}
