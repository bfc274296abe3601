import { createHash, randomBytes } from "node:crypto";
import type { Dirent } from "node:fs";
import {
  access,
  constants,
  link,
  lstat,
  mkdir,
  open,
  readdir,
  realpath,
  rmdir,
  unlink,
} from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { Readable } from "node:stream";
import { StoreError } from "@/lib/errors";
import { isMissing, storeError } from "@/lib/stores/folder/mapper";
import type { ObjectInfo } from "@/lib/stores/store";

const TEMP_PREFIX = ".strata-tmp-";
/** A temporary file older than this was left by a crash: no single object takes a day to write. */
const STALE_TEMP_MS = 24 * 3600 * 1000;
const MAX_KEY_BYTES = 1024;

/** The path of a key below the root. Throws bad_input for a key that is not a plain relative path. */
export function pathOfKey(root: string, key: string): string {
  const parts = key.split("/");
  const bad =
    key.includes("\0") ||
    key.includes("\\") ||
    Buffer.byteLength(key) > MAX_KEY_BYTES ||
    parts.some((part) => part === "" || part === "." || part === ".." || part.startsWith(TEMP_PREFIX));
  if (bad)
    throw new StoreError("bad_input", `"${key.replaceAll("\0", "␀")}" cannot be the key of an object.`, {
      details: { key },
      key: "folderBadName",
    });
  return join(root, ...parts);
}

/** Writes a whole object under a name that did not exist, or nothing at all. Durable when it resolves. */
export async function putFile(
  root: string,
  key: string,
  body: Readable | Uint8Array,
  signal: AbortSignal,
): Promise<{ sizeBytes: number; sha256: string }> {
  const path = pathOfKey(root, key);
  const folder = dirname(path);
  try {
    const firstCreated = await makeFolder(folder);
    await refuseEscape(root, folder);
    if (await exists(path)) throw Object.assign(new Error("exists"), { code: "EEXIST" });
    await sweepStale(folder);
    const temp = join(folder, `${TEMP_PREFIX}${randomBytes(9).toString("hex")}`);
    try {
      const written = await writeTemp(temp, body, signal);
      await link(temp, path); // fails with EEXIST when another writer was first
      await unlink(temp);
      await syncFolders(folder, firstCreated === undefined ? folder : dirname(firstCreated));
      return written;
    } finally {
      await unlink(temp).catch(() => undefined); // gone already when all went well
    }
  } catch (error) {
    throw storeError(error, path);
  }
}

/** Returns the topmost folder that was made. Where nothing can be made, Node speaks of a missing file: asks for the reason. */
async function makeFolder(folder: string): Promise<string | undefined> {
  try {
    return await mkdir(folder, { recursive: true });
  } catch (error) {
    for (let above = dirname(folder); isMissing(error) && above !== dirname(above); above = dirname(above)) {
      const there = await lstat(above).catch(() => null);
      if (!there) continue;
      await access(above, constants.W_OK); // throws EROFS or EACCES
      break;
    }
    throw error;
  }
}

async function writeTemp(
  temp: string,
  body: Readable | Uint8Array,
  signal: AbortSignal,
): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  const file = await open(temp, "wx", 0o640);
  try {
    for await (const chunk of body instanceof Uint8Array ? [body] : body) {
      signal.throwIfAborted();
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : (chunk as Uint8Array);
      hash.update(bytes);
      await file.writeFile(bytes); // continues at the current position; handles short writes
      sizeBytes += bytes.byteLength;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sizeBytes, sha256: hash.digest("hex") };
}

/** Symbolic links inside the store must not lead out of it. */
async function refuseEscape(root: string, path: string): Promise<void> {
  const [realRoot, realPath] = await Promise.all([realpath(root), realpath(path)]);
  if (realPath !== realRoot && !realPath.startsWith(realRoot + sep))
    throw new StoreError("refused", `${path} leads out of the store through a symbolic link.`, {
      details: { path },
      key: "folderEscapes",
    });
}

/** A name is durable only when its folder is synced, and a new folder only when its parent is. */
async function syncFolders(from: string, upTo: string): Promise<void> {
  for (let folder = from; ; folder = dirname(folder)) {
    const handle = await open(folder, "r");
    await handle.sync().finally(() => handle.close());
    if (folder === upTo || folder === dirname(folder)) return;
  }
}

async function sweepStale(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(TEMP_PREFIX)) continue;
    const info = await lstat(join(folder, name)).catch(() => null);
    if (info && Date.now() - info.mtimeMs > STALE_TEMP_MS)
      await unlink(join(folder, name)).catch(() => undefined);
  }
}

async function exists(path: string): Promise<boolean> {
  return (await headPath(path)) !== null;
}

async function headPath(path: string): Promise<{ sizeBytes: number; modifiedAt: string } | null> {
  try {
    const info = await lstat(path); // a link is not an object of ours: it may lead anywhere
    return info.isFile() ? { sizeBytes: info.size, modifiedAt: info.mtime.toISOString() } : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Size and time of an object, null when it is not there. */
export async function headFile(root: string, key: string): Promise<ObjectInfo | null> {
  const path = pathOfKey(root, key);
  try {
    const info = await headPath(path);
    return info && { key, ...info };
  } catch (error) {
    throw storeError(error, path);
  }
}

/** Bytes of an object, or of a half-open range of it. Throws not_found before the first byte. */
export async function getFile(
  root: string,
  key: string,
  range: { from: number; until: number } | null,
  signal: AbortSignal,
): Promise<Readable> {
  const path = pathOfKey(root, key);
  try {
    await refuseEscape(root, dirname(path));
    await refuseEscape(root, path);
    const handle = await open(path, "r");
    if (range && range.until <= range.from) {
      await handle.close();
      return Readable.from([]);
    }
    const bounds = range ? { start: range.from, end: range.until - 1 } : {};
    return handle.createReadStream({ ...bounds, signal, highWaterMark: 1 << 20 });
  } catch (error) {
    throw storeError(error, path);
  }
}

/** Objects below a prefix in key order; unfinished objects are never among them. */
export async function* listFiles(
  root: string,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ObjectInfo> {
  const cut = prefix.lastIndexOf("/");
  const start = cut < 0 ? "" : prefix.slice(0, cut);
  if (start !== "") pathOfKey(root, start);
  yield* walk(root, start, prefix, signal);
}

const keyOrder = (entry: Dirent): string => (entry.isDirectory() ? `${entry.name}/` : entry.name);

async function* walk(
  root: string,
  folderKey: string,
  prefix: string,
  signal: AbortSignal,
): AsyncGenerator<ObjectInfo> {
  signal.throwIfAborted();
  const entries = await entriesOf(join(root, folderKey));
  entries.sort((a, b) => (keyOrder(a) < keyOrder(b) ? -1 : 1));
  for (const entry of entries) {
    const key = folderKey === "" ? entry.name : `${folderKey}/${entry.name}`;
    if (entry.name.startsWith(TEMP_PREFIX)) continue;
    if (entry.isDirectory()) {
      if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`))
        yield* walk(root, key, prefix, signal);
    } else if (entry.isFile() && key.startsWith(prefix)) {
      const info = await headPath(join(root, key));
      if (info) yield { key, ...info };
    }
  }
}

async function entriesOf(path: string): Promise<Dirent[]> {
  try {
    return await readdir(path, { withFileTypes: true });
  } catch (error) {
    if (isMissing(error)) return []; // nothing archived yet, or pruned while listing
    throw storeError(error, path);
  }
}

/** Removes an object, and folders that are empty then. A missing object is no error. */
export async function deleteFile(root: string, key: string): Promise<void> {
  const path = pathOfKey(root, key);
  try {
    await refuseEscape(root, dirname(path));
    await unlink(path);
    await syncFolders(dirname(path), dirname(path));
  } catch (error) {
    if (isMissing(error)) return;
    throw storeError(error, path);
  }
  for (let folder = dirname(path); folder !== root && folder.startsWith(root); folder = dirname(folder)) {
    const removed = await rmdir(folder).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}
