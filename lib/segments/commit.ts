import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { isAppError, StoreError } from "@/lib/errors";
import { keysOfParquet } from "@/lib/segments/key";
import { checkSha256, fileBody } from "@/lib/segments/local";
import { manifestBytes, readManifest } from "@/lib/segments/manifest";
import type { Manifest } from "@/lib/segments/segment";
import { verifySegment } from "@/lib/segments/verify";
import type { WrittenSegment } from "@/lib/segments/writer";
import type { DigestSum } from "@/lib/stores/digest";
import type { ObjectAccess, ObjectInfo } from "@/lib/stores/store";

/** Data without a manifest younger than this may belong to a writer that is about to commit. */
const ORPHAN_AGE_MS = 24 * 3600 * 1000;

export interface CommittedSegment {
  manifest: Manifest;
  /** What the read-back proved; equal to the manifest's count and digest. */
  proved: DigestSum;
}

/**
 * Puts a segment into a store: Parquet, sidecar, proof by reading back, manifest last. A reader sees the
 * segment from the moment the manifest is there, and never before it is proved.
 *
 * Doing it again is harmless: objects with equal content are kept, and the manifest that is there first wins.
 * Throws conflict when a key holds something else, corrupt when the read-back differs. After a failure the
 * source must be left alone; what was put without a manifest is an orphan.
 */
export async function commitSegment(
  objects: ObjectAccess,
  written: WrittenSegment,
  signal: AbortSignal,
): Promise<CommittedSegment> {
  const { manifest, sidecar } = written;
  const put = putOrSame(objects, signal);
  await put(manifest.key, manifest.sha256, () => fileBody(written.parquetPath));
  if (sidecar && manifest.sidecar) await put(manifest.sidecar.key, manifest.sidecar.sha256, () => sidecar);
  const proved = await verifySegment(objects, manifest, signal);
  if (manifest.sidecar) await checkSha256(objects, manifest.sidecar, signal); // a wrong one would hide rows
  const committed = await putManifest(objects, manifest, signal);
  return { manifest: committed, proved };
}

const putOrSame =
  (objects: ObjectAccess, signal: AbortSignal) =>
  async (key: string, sha256: string, body: () => Readable | Uint8Array): Promise<void> => {
    try {
      const stored = await objects.put(key, body(), signal);
      if (stored.sha256 !== sha256) throw changedOnTheWay(key);
    } catch (error) {
      if (!isAppError(error) || error.code !== "conflict") throw error;
      if ((await sha256Of(objects, key, signal)) !== sha256) throw taken(key, error);
    }
  };

async function putManifest(
  objects: ObjectAccess,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Manifest> {
  const key = keysOfParquet(manifest.key).manifest;
  try {
    await objects.put(key, manifestBytes(manifest), signal);
    return manifest;
  } catch (error) {
    if (!isAppError(error) || error.code !== "conflict") throw error;
    const first = await readManifest(objects, key, signal);
    if (first.sha256 !== manifest.sha256 || first.digest !== manifest.digest) throw taken(key, error);
    return first;
  }
}

async function sha256Of(objects: ObjectAccess, key: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of await objects.get(key, null, signal)) hash.update(chunk as Uint8Array);
  return hash.digest("hex");
}

const taken = (key: string, cause: unknown) =>
  new StoreError(
    "conflict",
    `${key} exists already with other content. Nothing was overwritten and the source is untouched. Another run wrote it: start the operation anew, so that its segments get names of their own.`,
    { details: { key }, key: "segmentTaken", cause },
  );

const changedOnTheWay = (key: string) =>
  new StoreError(
    "corrupt",
    `${key} did not arrive in the store as it was written. The source is untouched. Check the disk of this worker, then resume.`,
    { details: { key }, key: "segmentChangedOnTheWay" },
  );

/** Objects of segments below a prefix that have no manifest: left by a crash before the commit. */
export async function orphans(
  objects: ObjectAccess,
  prefix: string,
  signal: AbortSignal,
): Promise<ObjectInfo[]> {
  const committed = new Set<string>();
  const others: { base: string; object: ObjectInfo }[] = [];
  for await (const object of objects.list(prefix, signal)) {
    const base = object.key.replace(/\.(parquet|grams|manifest\.json|gone-\d+\.json)$/, "");
    if (object.key.endsWith(".manifest.json")) committed.add(base);
    else if (base !== object.key) others.push({ base, object });
  }
  return others.filter(({ base }) => !committed.has(base)).map(({ object }) => object);
}

/**
 * Deletes orphans that no running writer can own. `isLeased` tells whether an operation that is alive may
 * still commit the segment with this Parquet or sidecar key. Returns the keys that are gone.
 */
export async function removeOrphans(
  objects: ObjectAccess,
  prefix: string,
  options: { now: Date; isLeased: (key: string) => boolean },
  signal: AbortSignal,
): Promise<string[]> {
  const removed: string[] = [];
  for (const object of await orphans(objects, prefix, signal)) {
    const ageMs = options.now.getTime() - Date.parse(object.modifiedAt);
    if (ageMs < ORPHAN_AGE_MS || options.isLeased(object.key)) continue;
    await objects.delete(object.key, signal);
    removed.push(object.key);
  }
  return removed;
}
