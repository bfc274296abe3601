import { type Db, db } from "@/lib/control/database";
import type { Prisma } from "@/lib/control/prisma/client/client";
import { isAppError } from "@/lib/errors";
import { readManifest } from "@/lib/segments/manifest";
import type { Manifest } from "@/lib/segments/segment";
import type { ObjectAccess } from "@/lib/stores/store";

/**
 * The catalogue is a copy, in the control DB, of the manifests in an object store: quick to ask, and never the
 * truth. Whatever is lost here is read from there again.
 */

export type CatalogueDifference =
  /** A manifest in the store that the catalogue does not know. */
  | { kind: "unknownManifest"; key: string; segmentId: string }
  /** A segment of the catalogue whose manifest or Parquet file is not in the store, or has another size. */
  | { kind: "missingObject"; key: string; segmentId: string }
  /** Both know the segment, with different content. */
  | { kind: "differentSha256"; key: string; segmentId: string }
  /** A manifest of a dataset that is not configured here. */
  | { kind: "unknownDataset"; key: string; segmentId: string; dataset: string }
  /** A manifest of a segment that the catalogue has, intact, in another store: a copy that a move left behind. */
  | { kind: "copyOfOther"; key: string; segmentId: string; otherStoreId: string }
  /** A manifest that cannot be read. */
  | { kind: "brokenManifest"; key: string; reason: string };

export interface CatalogueComparison {
  storeId: string;
  /** Segments on which store and catalogue agree. */
  equal: number;
  differences: CatalogueDifference[];
}

/** Enters a committed segment, or brings its entry up to its manifest. Idempotent. */
export async function recordSegment(
  manifest: Manifest,
  ids: { storeId: string; datasetId: string },
  on: Db = db(),
): Promise<void> {
  const row = segmentRow(manifest, ids);
  await on.segment.upsert({ where: { id: row.id }, create: row, update: row });
}

/** Marks a segment that owns no rows any more; searches and sums leave it out. Idempotent. */
export async function recordRetired(segmentId: string, on: Db = db()): Promise<void> {
  await on.segment.updateMany({ where: { id: segmentId }, data: { state: "retired" } });
}

/** Whether a segment was retired: its objects are rightly gone. */
export async function isRetired(segmentId: string, on: Db = db()): Promise<boolean> {
  const row = await on.segment.findUnique({ where: { id: segmentId }, select: { state: true } });
  return row?.state === "retired";
}

function segmentRow(
  manifest: Manifest,
  ids: { storeId: string; datasetId: string },
): Prisma.SegmentUncheckedCreateInput {
  return {
    id: manifest.segmentId,
    ...ids,
    key: manifest.key,
    month: manifest.month,
    rowCount: BigInt(manifest.rowCount),
    sizeBytes: BigInt(manifest.sizeBytes),
    sourceBytes: BigInt(manifest.sourceBytes),
    minTime: instant(manifest.minTimeUs, 0n),
    maxTime: instant(manifest.maxTimeUs, 999n),
    sha256: manifest.sha256,
    state: "committed",
    operationId: manifest.operationId,
    manifest: JSON.parse(JSON.stringify(manifest)) as Prisma.InputJsonObject,
    missingSince: null,
    createdAt: new Date(manifest.createdAt),
  };
}

/** Milliseconds, rounded outward: a band that is too wide costs a look, one too narrow a row. */
function instant(us: string | null, roundUpUs: bigint): Date | null {
  if (us === null) return null;
  const shifted = BigInt(us) + roundUpUs;
  const ms = shifted / 1000n - (shifted % 1000n < 0n ? 1n : 0n);
  const date = new Date(Number(ms));
  return Number.isNaN(date.getTime()) ? null : date;
}

/** All manifests of a store; those that cannot be read come as differences. */
async function* manifests(
  objects: ObjectAccess,
  signal: AbortSignal,
): AsyncGenerator<{ manifest: Manifest; sizeBytes: number | null } | CatalogueDifference> {
  const sizes = new Map<string, number>();
  const keys: string[] = [];
  for await (const object of objects.list("store=", signal)) {
    if (object.key.endsWith(".parquet")) sizes.set(object.key, object.sizeBytes);
    if (object.key.endsWith(".manifest.json")) keys.push(object.key);
  }
  for (const key of keys) {
    try {
      const manifest = await readManifest(objects, key, signal);
      yield { manifest, sizeBytes: sizes.get(manifest.key) ?? null };
    } catch (error) {
      if (!isAppError(error) || !["corrupt", "not_found"].includes(error.code)) throw error;
      if (error.code === "corrupt") yield { kind: "brokenManifest", key, reason: error.message };
      // not_found: retired between the list and the read
    }
  }
}

/** Compares by name, size and the manifests' SHA-256; reads no Parquet file. Changes nothing. */
export async function compareCatalogue(
  storeId: string,
  objects: ObjectAccess,
  signal: AbortSignal,
): Promise<CatalogueComparison> {
  const known = new Map(
    (await db().segment.findMany({ where: { storeId, state: "committed" }, select: KNOWN })).map((row) => [
      row.id,
      row,
    ]),
  );
  const names = await datasetIds();
  const elsewhere = await segmentsElsewhere(storeId);
  const differences: CatalogueDifference[] = [];
  let equal = 0;
  for await (const found of manifests(objects, signal)) {
    if ("kind" in found) {
      differences.push(found);
      continue;
    }
    const { segmentId, key, dataset } = found.manifest;
    const row = known.get(segmentId);
    known.delete(segmentId);
    const intact = found.sizeBytes === found.manifest.sizeBytes;
    const otherStoreId = elsewhere.get(segmentId);
    if (otherStoreId !== undefined) differences.push({ kind: "copyOfOther", key, segmentId, otherStoreId });
    else if (!intact) differences.push({ kind: "missingObject", key, segmentId });
    else if (!names.has(dataset.name))
      differences.push({ kind: "unknownDataset", key, segmentId, dataset: dataset.name });
    else if (!row) differences.push({ kind: "unknownManifest", key, segmentId });
    else if (row.sha256 !== found.manifest.sha256 || row.key !== key)
      differences.push({ kind: "differentSha256", key, segmentId });
    else equal += 1;
  }
  for (const row of known.values())
    differences.push({ kind: "missingObject", key: row.key, segmentId: row.id });
  return { storeId, equal, differences };
}

const KNOWN = { id: true, key: true, sha256: true } as const;

/**
 * Segments that the catalogue has, or had until they were empty, in other stores, and not as missing. A copy of one may be half of a move that goes on,
 * or what a move could not delete: were it entered, rows that left the segment since would be back.
 */
async function segmentsElsewhere(storeId: string): Promise<Map<string, string>> {
  const rows = await db().segment.findMany({
    where: {
      storeId: { not: storeId },
      OR: [{ state: "committed", missingSince: null }, { state: "retired" }],
    },
    select: { id: true, storeId: true },
  });
  return new Map(rows.map((row) => [row.id, row.storeId]));
}

async function datasetIds(): Promise<Map<string, string>> {
  const datasets = await db().dataset.findMany({ select: { id: true, name: true } });
  return new Map(datasets.map(({ id, name }) => [name, id]));
}

/**
 * Makes the catalogue agree with the store: enters what is missing, corrects what differs, and marks segments
 * whose objects are gone with the time since. Idempotent; an object that is back is unmarked. What it cannot
 * mend (broken manifests, datasets that are not configured, missing objects) is returned.
 */
export async function rebuildCatalogue(
  storeId: string,
  objects: ObjectAccess,
  signal: AbortSignal,
): Promise<CatalogueComparison> {
  const names = await datasetIds();
  const elsewhere = await segmentsElsewhere(storeId);
  const intact = new Set<string>();
  for await (const found of manifests(objects, signal)) {
    if ("kind" in found || elsewhere.has(found.manifest.segmentId)) continue;
    const datasetId = names.get(found.manifest.dataset.name);
    if (datasetId === undefined) continue;
    await recordSegment(found.manifest, { storeId, datasetId });
    if (found.sizeBytes === found.manifest.sizeBytes) intact.add(found.manifest.segmentId);
  }
  await markMissing(storeId, intact);
  return compareCatalogue(storeId, objects, signal);
}

async function markMissing(storeId: string, intact: ReadonlySet<string>): Promise<void> {
  const where = { storeId, state: "committed", missingSince: null };
  const rows = await db().segment.findMany({ where, select: { id: true } });
  const missing = rows.map(({ id }) => id).filter((id) => !intact.has(id));
  for (let from = 0; from < missing.length; from += 1000)
    await db().segment.updateMany({
      where: { id: { in: missing.slice(from, from + 1000) } },
      data: { missingSince: new Date() },
    });
}
