import { isAppError } from "@/lib/errors";
import type { ColdJob } from "@/lib/operations/archive/cold/job";
import { coldSegments } from "@/lib/operations/cold-rows";
import { objectsOf } from "@/lib/operations/row-access";
import { isRetired } from "@/lib/segments/catalogue";
import { keyId, readSegment } from "@/lib/segments/read";
import type { Manifest } from "@/lib/segments/segment";
import type { Batch } from "@/lib/stores/batch";
import type { ObjectAccess } from "@/lib/stores/store";
import { vectorText } from "@/lib/stores/text-form";

/** A row that a segment owns. */
export interface HeldRow {
  digest: string;
  manifest: Manifest;
  objects: ObjectAccess;
  position: number;
}

/** Inclusive; null is open. */
interface Span {
  fromUs: bigint | null;
  untilUs: bigint | null;
}

/**
 * By key, the rows that segments of a member own, oldest segment first. Only segments that reach into the span are
 * read, keys and digests alone; of members the whole, as their own times say nothing about their root's.
 */
export async function heldRows(
  job: ColdJob,
  member: number,
  span: Span,
  except: ReadonlySet<string>,
): Promise<Map<string, HeldRow[]>> {
  const held = new Map<string, HeldRow[]>();
  const { datasetId = "", key = [] } = job.family.members[member] ?? {};
  const segments = (await coldSegments(datasetId))
    .filter(({ manifest }) => !except.has(manifest.segmentId) && (member > 0 || reaches(manifest, span)))
    .sort((a, b) => (a.manifest.createdAt < b.manifest.createdAt ? -1 : 1));
  for (const { storeId, manifest } of segments) {
    const objects = objectsOf(await job.context.openStore(storeId, "write"), storeId);
    for (const [id, row] of await ownedRows(job, objects, manifest, key))
      held.set(id, [...(held.get(id) ?? []), row]);
  }
  return held;
}

/** None of a segment that was retired meanwhile: the window before this one may have replaced the last of its rows. */
async function ownedRows(
  job: ColdJob,
  objects: ObjectAccess,
  manifest: Manifest,
  key: readonly string[],
): Promise<[string, HeldRow][]> {
  const rows: [string, HeldRow][] = [];
  try {
    const options = { columns: key, check: "size" } as const;
    for await (const batch of readSegment(objects, manifest, options, job.context.signal)) {
      for (const [row, position] of batch.positions.entries())
        rows.push([keyAt(batch, key, row), { digest: hex(batch.digests[row]), manifest, objects, position }]);
    }
  } catch (error) {
    if (!isAppError(error) || error.code !== "not_found" || !(await isRetired(manifest.segmentId)))
      throw error;
    return [];
  }
  return rows;
}

function reaches({ minTimeUs, maxTimeUs }: Manifest, { fromUs, untilUs }: Span): boolean {
  if (minTimeUs === null || maxTimeUs === null) return true;
  if (fromUs !== null && BigInt(maxTimeUs) < fromUs) return false;
  return untilUs === null || BigInt(minTimeUs) <= untilUs;
}

/** Indexes of the rows of a batch that no segment has as they are now: new ones, and newer versions. */
export const rowsNotHeld = (
  batch: Batch,
  key: readonly string[],
  held: ReadonlyMap<string, readonly HeldRow[]>,
): number[] =>
  Array.from({ length: batch.rowCount }, (_, row) => row).filter(
    (row) => held.get(keyAt(batch, key, row))?.at(-1)?.digest !== hex(batch.digests[row]),
  );

function keyAt(batch: Batch, key: readonly string[], row: number): string {
  return keyId(
    key.map((name) => {
      const vector = batch.vectors.find((one) => one.name === name);
      return vector ? (vectorText(vector, row) ?? "") : "";
    }),
  );
}

const hex = (digest: Uint8Array | undefined): string => Buffer.from(digest ?? []).toString("hex");
