import { db } from "@/lib/control/database";
import { isAppError } from "@/lib/errors";
import type { PendingWindow } from "@/lib/operations/archive/cold/cursor";
import type { ColdJob } from "@/lib/operations/archive/cold/job";
import { disown, type Removal } from "@/lib/operations/archive/cold/remove";
import { datasetPrefix, type SegmentKeys, segmentKeys } from "@/lib/segments/key";
import { keyId } from "@/lib/segments/read";
import type { RowKey } from "@/lib/stores/batch";
import { vectorText } from "@/lib/stores/text-form";

const FIND_KEYS = 1_000;

/**
 * Throws away what a window may have written: nothing of it was deleted from the source, which still holds every row.
 * The catalogue goes first, then manifests, then data.
 */
export async function discardWindow(job: ColdJob, window: PendingWindow): Promise<void> {
  await db().segment.deleteMany({ where: { id: { in: window.segmentIds } } });
  for (const [member, segmentId] of window.segmentIds.entries()) {
    for (const keys of await writtenKeys(job, member, segmentId)) {
      await job.objects.delete(keys.manifest, job.context.signal);
      await job.objects.delete(keys.parquet, job.context.signal);
      await job.objects.delete(keys.grams, job.context.signal);
    }
  }
}

/** Its month is not known before it was cut: looks for the name among the objects of the dataset. */
async function writtenKeys(job: ColdJob, member: number, segmentId: string): Promise<SegmentKeys[]> {
  const store = job.family.store.name;
  const dataset = job.family.members[member]?.name ?? "";
  const months = new Set<string>();
  for await (const object of job.objects.list(datasetPrefix(store, dataset), job.context.signal)) {
    if (!object.key.includes(`/${segmentId}.`)) continue;
    const month = /\/month=(\d{4}-\d\d)\//.exec(object.key)?.[1];
    if (month) months.add(month);
  }
  return [...months].map((month) => segmentKeys(store, dataset, month, segmentId));
}

/**
 * The other way out of a committed window whose rows cannot be deleted: what is still hot belongs to hot, and the
 * segment keeps only what is nowhere else. Returns the positions per member that are hot.
 */
export async function disownWindow(job: ColdJob, removal: Removal): Promise<Set<number>[]> {
  const kept: Set<number>[] = removal.tables.map(() => new Set());
  for (const [member, table] of removal.tables.entries()) {
    const manifest = removal.manifests[member];
    if (!manifest) continue;
    const hot = await stillHot(job, member, table.keys);
    const rows = table.keys.flatMap((key, row) => (hot.has(keyId(key)) ? [row] : []));
    if (rows.length > 0) await disown(job, manifest, rows);
    kept[member] = new Set(rows);
  }
  return kept;
}

async function stillHot(job: ColdJob, member: number, keys: readonly RowKey[]): Promise<Set<string>> {
  const one = job.hot.members[member];
  const found = new Set<string>();
  if (!one) return found;
  for (let from = 0; from < keys.length; from += FIND_KEYS) {
    const batch = await job.rows.find(one, keys.slice(from, from + FIND_KEYS), job.context.signal);
    const columns = one.key.map((name) => batch.vectors.find((vector) => vector.name === name));
    for (let row = 0; row < batch.rowCount; row += 1) {
      found.add(keyId(columns.map((column) => (column ? (vectorText(column, row) ?? "") : ""))));
    }
  }
  return found;
}

/** Whether deleting itself is what fails, so that trying again cannot help. */
export const cannotDelete = (error: unknown): boolean => isAppError(error) && !error.retryable;
