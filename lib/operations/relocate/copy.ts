import { isAppError, StoreError } from "@/lib/errors";
import { goneLists } from "@/lib/segments/gone";
import { goneKey, keysOfParquet } from "@/lib/segments/key";
import { checkSha256, corrupt, missing } from "@/lib/segments/local";
import { manifestBytes, readManifest } from "@/lib/segments/manifest";
import type { GoneList, Manifest } from "@/lib/segments/segment";
import { verifySegment } from "@/lib/segments/verify";
import type { DigestSum } from "@/lib/stores/digest";
import type { ObjectAccess } from "@/lib/stores/store";

export interface Ends {
  from: ObjectAccess;
  to: ObjectAccess;
}

/**
 * Copies what a segment is made of, but its manifest: nobody sees the copy yet. Again is harmless. `wasThere`: its rows
 * were in the new store before, equal, and were not read from the old one.
 */
export async function copySegment(
  ends: Ends,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<{ wasThere: boolean }> {
  const wasThere = await copyObject(ends, manifest, signal);
  if (manifest.sidecar) await copyObject(ends, manifest.sidecar, signal);
  for (const list of await goneLists(ends.from, manifest, signal))
    await copyGone(ends, manifest, list, signal);
  return { wasThere };
}

interface Wanted {
  key: string;
  sizeBytes: number;
  sha256: string;
}

/** True when it was there. */
async function copyObject({ from, to }: Ends, wanted: Wanted, signal: AbortSignal): Promise<boolean> {
  try {
    const stored = await to.put(wanted.key, await bodyOf(from, wanted.key, signal), signal);
    if (stored.sha256 === wanted.sha256) return false;
    await to.delete(wanted.key, signal); // what was read is not what was archived: the copy is nobody's
    throw corrupt(wanted.key, stored.sizeBytes === wanted.sizeBytes ? "contentDiffers" : "sizeDiffers");
  } catch (error) {
    if (!isAppError(error) || error.code !== "conflict") throw error;
    await sameThere(to, wanted, error, signal);
    return true;
  }
}

async function bodyOf(from: ObjectAccess, key: string, signal: AbortSignal) {
  try {
    return await from.get(key, null, signal);
  } catch (error) {
    throw isAppError(error) && error.code === "not_found" ? missing(key, error) : error;
  }
}

/** An earlier try put it. Anything else under this name is not ours to touch. */
async function sameThere(
  to: ObjectAccess,
  wanted: Wanted,
  conflict: unknown,
  signal: AbortSignal,
): Promise<void> {
  try {
    await checkSha256(to, wanted, signal);
  } catch (error) {
    if (isAppError(error) && error.code === "corrupt") throw taken(wanted.key, conflict);
    throw error;
  }
}

async function copyGone(ends: Ends, manifest: Manifest, list: GoneList, signal: AbortSignal): Promise<void> {
  const key = goneKey(manifest.key, list.sequence);
  try {
    await ends.to.put(key, Buffer.from(`${JSON.stringify(list)}\n`), signal);
  } catch (error) {
    if (!isAppError(error) || error.code !== "conflict") throw error;
  }
}

/**
 * Reads the copy back: bytes by SHA-256, every row's digest anew, gone lists one by one; then writes the manifest, from
 * which on it is a segment. Copies again what is not there any more. Returns rows and digest as read back.
 */
export async function proveCopy(ends: Ends, manifest: Manifest, signal: AbortSignal): Promise<DigestSum> {
  const proved = await verified(ends, manifest, signal);
  await sameGone(ends, manifest, signal);
  const key = keysOfParquet(manifest.key).manifest;
  const original = await readManifest(ends.from, key, signal);
  try {
    await ends.to.put(key, manifestBytes(original), signal);
  } catch (error) {
    if (!isAppError(error) || error.code !== "conflict") throw error;
    const there = await readManifest(ends.to, key, signal);
    if (there.sha256 !== manifest.sha256 || there.digest !== manifest.digest) throw taken(key, error);
  }
  return proved;
}

async function verified(ends: Ends, manifest: Manifest, signal: AbortSignal): Promise<DigestSum> {
  const look = async () => {
    const proved = await verifySegment(ends.to, manifest, signal);
    if (manifest.sidecar) await checkSha256(ends.to, manifest.sidecar, signal);
    return proved;
  };
  try {
    return await look();
  } catch (error) {
    if (!isAppError(error) || error.code !== "not_found") throw error;
    await copySegment(ends, manifest, signal); // swept as an orphan while the operation was paused
    return look();
  }
}

async function sameGone(ends: Ends, manifest: Manifest, signal: AbortSignal): Promise<void> {
  const [source, target] = [
    await goneLists(ends.from, manifest, signal),
    await goneLists(ends.to, manifest, signal),
  ];
  for (const list of source) {
    const copy = target.find(({ sequence }) => sequence === list.sequence);
    if (!copy) await copyGone(ends, manifest, list, signal);
    else if (JSON.stringify(copy.rows) !== JSON.stringify(list.rows))
      throw taken(goneKey(manifest.key, list.sequence), undefined);
  }
}

/** Removes all objects of a segment from one store, its manifest first: no crash leaves a manifest without its data. */
export async function removeSegment(
  objects: ObjectAccess,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const keys = keysOfParquet(manifest.key);
  const gone: string[] = [];
  for await (const { key } of objects.list(manifest.key.replace(/\.parquet$/, ".gone-"), signal))
    gone.push(key);
  await objects.delete(keys.manifest, signal);
  await objects.delete(keys.parquet, signal);
  await objects.delete(keys.grams, signal);
  for (const key of gone) await objects.delete(key, signal);
}

/** Whether a store holds the segment: its manifest and its rows. */
export async function holds(
  objects: ObjectAccess,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<boolean> {
  const keys = keysOfParquet(manifest.key);
  if (!(await objects.head(keys.manifest, signal))) return false;
  return (await objects.head(keys.parquet, signal))?.sizeBytes === manifest.sizeBytes;
}

const taken = (key: string, cause: unknown) =>
  new StoreError(
    "conflict",
    `${key} exists in the new store already, with other content. Nothing was overwritten, and the segments stay where they are. Give the dataset a store or a prefix of its own.`,
    { details: { key }, key: "relocateTaken", cause },
  );
