import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, rm, stat, statfs, utimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { env } from "@/lib/env";
import { isAppError, StoreError } from "@/lib/errors";
import type { ObjectAccess } from "@/lib/stores/store";

/** Copies of objects of remote stores, least recently used go first. */
const CACHE_MAX_BYTES = 4 * 2 ** 30;
/** A copy that was asked for this recently may still be about to be opened: it stays whatever the size. Whoever has opened one keeps it although its name goes. */
const CACHE_GRACE_MS = 60_000;

export interface WantedObject {
  key: string;
  sizeBytes: number;
  sha256: string;
}

/**
 * Path of an object that DuckDB and plain reads can open. In place for stores on this machine, otherwise a
 * copy in the cache. Its size is compared, its content only while it is copied: see `checkedCopy`.
 * Throws not_found or corrupt naming the object.
 */
export async function localCopy(
  objects: ObjectAccess,
  wanted: WantedObject,
  signal: AbortSignal,
): Promise<string> {
  const inPlace = objects.localPath(wanted.key);
  if (inPlace !== null) {
    await checkSize(objects, wanted, signal);
    return inPlace;
  }
  const path = cachePath(wanted);
  const folder = dirname(path);
  const cached = await stat(path).catch(() => null);
  const now = new Date();
  if (cached?.size === wanted.sizeBytes) {
    await utimes(path, now, now);
    return path;
  }
  await mkdir(folder, { recursive: true });
  await download(objects, wanted, path, signal);
  await evict(folder, await cacheLimit(folder));
  return path;
}

/** A disk that fills up gets a smaller cache: at most half of what would be free without it. */
async function cacheLimit(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  const held = (await filesIn(folder)).reduce((sum, { size }) => sum + size, 0);
  return Math.min(CACHE_MAX_BYTES, (bavail * bsize + held) / 2);
}

const cachePath = (wanted: WantedObject): string =>
  join(env().STRATA_DATA, "cache", "objects", wanted.sha256);

async function checkSize(objects: ObjectAccess, wanted: WantedObject, signal: AbortSignal): Promise<void> {
  const head = await objects.head(wanted.key, signal);
  if (!head) throw missing(wanted.key);
  if (head.sizeBytes !== wanted.sizeBytes) throw corrupt(wanted.key, "sizeDiffers");
}

async function download(
  objects: ObjectAccess,
  wanted: WantedObject,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const temp = `${path}.${randomBytes(6).toString("hex")}.part`;
  const meter = hashing();
  try {
    const body = await getNamed(objects, wanted.key, signal);
    await pipeline(body, meter.stream, createWriteStream(temp, { flags: "wx" }), { signal });
    if (meter.sizeBytes() !== wanted.sizeBytes) throw corrupt(wanted.key, "sizeDiffers");
    if (meter.sha256() !== wanted.sha256) throw corrupt(wanted.key, "contentDiffers");
    await rename(temp, path);
  } finally {
    await rm(temp, { force: true });
  }
}

function hashing() {
  const hash = createHash("sha256");
  let size = 0;
  const stream = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      hash.update(chunk);
      size += chunk.byteLength;
      done(null, chunk);
    },
  });
  return { stream, sizeBytes: () => size, sha256: () => hash.digest("hex") };
}

/**
 * Like `localCopy`, and every byte is compared with the SHA-256. `fresh` reads the object from its store even
 * if a copy is in the cache: what a proof needs. Throws not_found or corrupt naming the object.
 */
export async function checkedCopy(
  objects: ObjectAccess,
  wanted: WantedObject,
  source: "fresh" | "cached",
  signal: AbortSignal,
): Promise<string> {
  if (objects.localPath(wanted.key) !== null) {
    const path = await localCopy(objects, wanted, signal);
    await checkSha256(objects, wanted, signal);
    return path;
  }
  if (source === "fresh") {
    // Takes the place of an older copy at once: a search may be about to open it.
    await mkdir(dirname(cachePath(wanted)), { recursive: true });
    await download(objects, wanted, cachePath(wanted), signal);
  }
  const path = await localCopy(objects, wanted, signal);
  if (source === "cached") await checkBody(fileBody(path), wanted, signal);
  return path;
}

/** Reads the whole object from its store and compares size and SHA-256. Throws not_found or corrupt. */
export async function checkSha256(
  objects: ObjectAccess,
  wanted: WantedObject,
  signal: AbortSignal,
): Promise<void> {
  await checkBody(await getNamed(objects, wanted.key, signal), wanted, signal);
}

async function checkBody(body: Readable, wanted: WantedObject, signal: AbortSignal): Promise<void> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  for await (const chunk of body) {
    signal.throwIfAborted();
    hash.update(chunk as Uint8Array);
    sizeBytes += (chunk as Uint8Array).byteLength;
  }
  if (sizeBytes !== wanted.sizeBytes) throw corrupt(wanted.key, "sizeDiffers");
  if (hash.digest("hex") !== wanted.sha256) throw corrupt(wanted.key, "contentDiffers");
}

async function getNamed(objects: ObjectAccess, key: string, signal: AbortSignal) {
  try {
    return await objects.get(key, null, signal);
  } catch (error) {
    throw isAppError(error) && error.code === "not_found" ? missing(key, error) : error;
  }
}

export const missing = (key: string, cause?: unknown): StoreError =>
  new StoreError(
    "not_found",
    `The object ${key} is missing from its store. Rows that only it held cannot be read; everything else is served. Bring the file back from a backup, then compare the catalogue.`,
    { details: { key }, key: "segmentMissing", cause },
  );

const CORRUPT_REASONS = {
  sizeDiffers: "its size differs from the manifest",
  contentDiffers: "its SHA-256 differs from the manifest",
  unreadable: "it cannot be read as Parquet",
  rowsDiffer: "its rows do not have the digests they were exported with",
} as const;

export const corrupt = (key: string, reason: keyof typeof CORRUPT_REASONS, cause?: unknown): StoreError =>
  new StoreError(
    "corrupt",
    `The object ${key} is damaged: ${CORRUPT_REASONS[reason]}. It is not used, and nothing is deleted on its account. Bring the file back from a backup.`,
    { details: { key, reason }, key: "segmentCorrupt", cause: cause && withoutContent(cause) },
  );

/** Readers quote the value they stumbled over: that may be a conversation, and 100 MB long. */
const withoutContent = (cause: unknown): Error =>
  new Error(String(cause).slice(0, 160).replace(/".*$/s, "…"));

interface CachedFile {
  path: string;
  size: number;
  usedAt: number;
}

async function filesIn(folder: string): Promise<CachedFile[]> {
  return Promise.all(
    (await readdir(folder)).map(async (name) => {
      const info = await stat(join(folder, name)).catch(() => null);
      return { path: join(folder, name), size: info?.size ?? 0, usedAt: info?.mtimeMs ?? 0 };
    }),
  );
}

/** Removes copies, the one that was not asked for the longest first, until the rest is small enough. */
export async function evict(folder: string, maxBytes: number): Promise<void> {
  const files = await filesIn(folder);
  let total = files.reduce((sum, file) => sum + file.size, 0);
  for (const file of files.sort((a, b) => a.usedAt - b.usedAt)) {
    if (total <= maxBytes || Date.now() - file.usedAt < CACHE_GRACE_MS) return;
    await rm(file.path, { force: true });
    total -= file.size;
  }
}

/** A stream over a local file, for `put`. */
export const fileBody = (path: string) => createReadStream(path, { highWaterMark: 1 << 20 });
