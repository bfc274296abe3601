import { addKeys, emptyKeyTable, type KeyTable, linkColumns } from "@/lib/operations/archive/cold/key-table";
import { coldSegments } from "@/lib/operations/cold-rows";
import { cursorTimeUs } from "@/lib/operations/cursor-time";
import type { RestoreJob } from "@/lib/operations/restore/job";
import type { PlacedBatch, Slice } from "@/lib/operations/restore/slice";
import { objectsOf } from "@/lib/operations/row-access";
import { recordRetired } from "@/lib/segments/catalogue";
import { appendGone, goneLists, goneRows, retireSegment } from "@/lib/segments/gone";
import { keyId, readSegment } from "@/lib/segments/read";
import type { Manifest } from "@/lib/segments/segment";
import type { ObjectAccess } from "@/lib/stores/store";

interface Group {
  sliceId: string;
  storeId: string;
  /** Per member of the family; null where the window has no rows of it. */
  manifests: (Manifest | null)[];
}

/** The segments that may hold what is asked for, those of one window together, in the order of their names. */
export async function* coldSlices(job: RestoreJob, after: string | null): AsyncGenerator<Slice> {
  for (const group of await groupsOf(job)) {
    if (after !== null && group.sliceId <= after) continue;
    const slice = await sliceOf(job, group);
    if (slice.wanted.length > 0) yield slice;
  }
}

async function groupsOf(job: RestoreJob): Promise<Group[]> {
  const groups = new Map<string, Group>();
  for (const [member, { datasetId }] of job.family.members.entries()) {
    for (const { storeId, manifest } of await coldSegments(datasetId)) {
      if (member === 0 && outside(job, manifest)) continue;
      const sliceId = `${manifest.month} ${manifest.operationId} ${JSON.stringify(manifest.window)}`;
      // Members come after their root: a window whose root is not asked for is not opened.
      if (member > 0 && !groups.has(sliceId)) continue;
      const group = groups.get(sliceId) ?? {
        sliceId,
        storeId,
        manifests: job.family.members.map(() => null),
      };
      group.manifests[member] = manifest;
      groups.set(sliceId, group);
    }
  }
  return [...groups.values()].sort((a, b) => (a.sliceId < b.sliceId ? -1 : 1));
}

function outside(job: RestoreJob, { minTimeUs, maxTimeUs }: Manifest): boolean {
  if (minTimeUs === null || maxTimeUs === null) return false;
  if (job.untilUs !== null && BigInt(minTimeUs) >= job.untilUs) return true;
  return job.fromUs !== null && BigInt(maxTimeUs) < job.fromUs;
}

async function sliceOf(job: RestoreJob, group: Group): Promise<Slice> {
  const objects = objectsOf(await job.open(group.storeId), group.storeId);
  const tables: KeyTable[] = [];
  const absent: Set<number>[] = [];
  for (const [member, manifest] of group.manifests.entries()) {
    tables.push(await keysOf(job, objects, member, manifest));
    absent.push(manifest ? await goneByOthers(job, objects, manifest) : new Set());
  }
  return {
    sliceId: group.sliceId,
    tables,
    absent,
    wanted: wantedRoots(job, tables[0], absent[0]),
    read: (member, positions) => readMember(job, objects, group.manifests[member] ?? null, positions),
    giveUp: async (rows) => {
      for (const [member, manifest] of group.manifests.entries()) {
        if (manifest) await giveUp(job, objects, manifest, rows[member] ?? []);
      }
    },
  };
}

async function keysOf(
  job: RestoreJob,
  objects: ObjectAccess,
  member: number,
  manifest: Manifest | null,
): Promise<KeyTable> {
  const key = job.hot.members[member]?.key ?? [];
  const time = member === 0 ? [job.hot.time.column] : [];
  const links = [...new Set([...linkColumns(job.hot.members, member), ...time])];
  const table = emptyKeyTable(links, manifest?.columns ?? []);
  if (!manifest) return table;
  const options = { columns: [...new Set([...key, ...links])], skipGone: false };
  for await (const batch of readSegment(objects, manifest, options, job.signal)) addKeys(table, batch, key);
  return table;
}

/** What this very operation took out before a crash still counts as asked for: writing it again is harmless. */
async function goneByOthers(
  job: RestoreJob,
  objects: ObjectAccess,
  manifest: Manifest,
): Promise<Set<number>> {
  const lists = await goneLists(objects, manifest, job.signal);
  return new Set(lists.flatMap((list) => (list.operationId === job.operationId ? [] : list.rows)));
}

function wantedRoots(
  job: RestoreJob,
  table: KeyTable | undefined,
  absent: ReadonlySet<number> | undefined,
): number[] {
  const times = table?.links.get(job.hot.time.column) ?? [];
  return (table?.keys ?? []).flatMap((key, at) => {
    if (absent?.has(at)) return [];
    if (job.keys && !job.keys.has(keyId(key))) return [];
    const us = cursorTimeUs([times[at] ?? ""], job.hot.time);
    if (job.untilUs !== null && (us === null || us >= job.untilUs)) return [];
    if (job.fromUs !== null && (us === null || us < job.fromUs)) return [];
    return [at];
  });
}

async function* readMember(
  job: RestoreJob,
  objects: ObjectAccess,
  manifest: Manifest | null,
  positions: ReadonlySet<number>,
): AsyncGenerator<PlacedBatch> {
  if (!manifest || positions.size === 0) return;
  const options = { rows: [...positions], skipGone: false };
  for await (const batch of readSegment(objects, manifest, options, job.signal)) {
    yield { batch, positions: batch.positions };
  }
}

async function giveUp(
  job: RestoreJob,
  objects: ObjectAccess,
  manifest: Manifest,
  rows: readonly number[],
): Promise<void> {
  if (rows.length === 0) return;
  const entry = { rows, reason: "restored", operationId: job.operationId } as const;
  await appendGone(objects, manifest, entry, job.signal);
}

/** Removes the segments of the family that own no row any more. Idempotent; returns how many went. */
export async function retireEmpty(job: RestoreJob): Promise<number> {
  let retired = 0;
  for (const { datasetId } of job.family.members) {
    for (const { storeId, manifest } of await coldSegments(datasetId)) {
      const objects = objectsOf(await job.open(storeId), storeId);
      const gone = await goneRows(objects, manifest, job.signal);
      if (gone.size < manifest.rowCount) continue;
      // The catalogue first: a search must not look for a file that is about to go.
      await recordRetired(manifest.segmentId);
      await retireSegment(objects, manifest, job.signal);
      retired += 1;
    }
  }
  return retired;
}
