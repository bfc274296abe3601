import { randomBytes } from "node:crypto";
import { access, constants, mkdir, stat, statfs, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { StoreError } from "@/lib/errors";
import { deleteFile, getFile, headFile, listFiles, pathOfKey, putFile } from "@/lib/stores/folder/client";
import { type FolderConfig, folderConfig } from "@/lib/stores/folder/config";
import { isMissing, storeError } from "@/lib/stores/folder/mapper";
import en from "@/lib/stores/folder/words/en.json";
import zh from "@/lib/stores/folder/words/zh.json";
import type { Health, Limit, ObjectAccess, OpenOptions, Right, Store, StoreDriver } from "@/lib/stores/store";
import type { TableRef, TableStats, TableSummary } from "@/lib/stores/table";

/** A check walks at most this far into the folder: it runs every 15 s and must stay cheap. */
const WALK_MAX_OBJECTS = 20_000;
const WALK_MAX_MS = 400;
/** Below this share of free space the store asks for attention. */
const LOW_SPACE_SHARE = 0.1;

/** A folder of this machine (or a network disk mounted on it) that holds segments. */
export const folderDriver: StoreDriver<FolderConfig> = {
  kind: "folder",
  label: "Folder",
  family: "objects",
  words: { en, zh },
  config: folderConfig,
  fields: [{ name: "path", type: "path", required: true, placeholder: "/srv/strata/cold" }],
  secrets: [],
  abilities: ["objects"],
  traits: {},
  optimizeActions: [],
  open,
};

function open(config: FolderConfig, options: OpenOptions): Store {
  const root = config.path;
  const objects = objectAccess(root, options.access);
  return {
    check: (signal) => check(root, options, signal),
    tables: (signal) => tables(root, signal),
    stats: (table, _time, signal) => stats(root, table, signal),
    close: async () => undefined,
    objects,
  };
}

function objectAccess(root: string, accessMode: OpenOptions["access"]): ObjectAccess {
  const writable = () => {
    if (accessMode === "write") return;
    throw new StoreError("refused", `The store at ${root} is open for reading only. Nothing was changed.`, {
      details: { path: root },
      key: "storeReadOnly",
    });
  };
  return {
    put: async (key, body, signal) => {
      writable();
      return putFile(root, key, body, signal);
    },
    get: (key, range, signal) => getFile(root, key, range, signal),
    head: (key) => headFile(root, key),
    list: (prefix, signal) => listFiles(root, prefix, signal),
    delete: async (key) => {
      writable();
      await deleteFile(root, key);
    },
    localPath: (key) => pathOfKey(root, key),
  };
}

async function check(root: string, options: OpenOptions, signal: AbortSignal): Promise<Health> {
  const started = performance.now();
  try {
    if (options.access === "write") await mkdir(root, { recursive: true });
    const info = await stat(root);
    if (!info.isDirectory()) throw Object.assign(new Error("not a folder"), { code: "EINVAL" });
  } catch (error) {
    if (options.access === "read" && isMissing(error))
      return missingHealth(root, performance.now() - started);
    throw storeError(error, root);
  }
  const latencyMs = performance.now() - started;
  const [space, right, size] = await Promise.all([
    statfs(root),
    writeRight(root, options.access),
    walkedSize(root, signal),
  ]);
  const freeBytes = space.bavail * space.bsize;
  const totalBytes = space.blocks * space.bsize;
  const limits: Limit[] = [];
  if (totalBytes > 0 && freeBytes / totalBytes < LOW_SPACE_SHARE)
    limits.push({ key: "folderLowSpace", severity: "warning", details: { freeBytes, totalBytes } });
  if (size === null)
    limits.push({ key: "folderLarge", severity: "info", details: { objects: WALK_MAX_OBJECTS } });
  const healthy = right.granted && !limits.some((limit) => limit.severity === "warning");
  return {
    state: healthy ? "healthy" : "warning",
    version: "folder",
    latencyMs,
    sizeBytes: size,
    freeBytes,
    rights: [right],
    limits,
    facts: { path: root, totalBytes },
  };
}

/** Not made yet: fine for a store that was just added, and worth a word. */
const missingHealth = (root: string, latencyMs: number): Health => ({
  state: "warning",
  version: "folder",
  latencyMs,
  sizeBytes: 0,
  freeBytes: null,
  rights: [],
  limits: [{ key: "folderMissing", severity: "warning", details: { path: root } }],
  facts: { path: root },
});

/** With write access a file is really written: rights alone do not show a read-only mount or a full disk. */
async function writeRight(root: string, mode: OpenOptions["access"]): Promise<Right> {
  const right = { name: "write", costKey: "folderWrite", grant: `sudo chown -R "$(id -un)" '${root}'` };
  try {
    if (mode === "read") {
      await access(root, constants.W_OK);
    } else {
      const probe = join(root, `.strata-tmp-${randomBytes(9).toString("hex")}`);
      await writeFile(probe, "probe", { flag: "wx" }).finally(() => unlink(probe).catch(() => undefined));
    }
    return { ...right, granted: true, grant: null };
  } catch {
    return { ...right, granted: false };
  }
}

async function walkedSize(root: string, signal: AbortSignal): Promise<number | null> {
  const deadline = performance.now() + WALK_MAX_MS;
  let sizeBytes = 0;
  let seen = 0;
  for await (const object of listFiles(root, "", signal)) {
    sizeBytes += object.sizeBytes;
    seen += 1;
    if (seen >= WALK_MAX_OBJECTS || performance.now() > deadline) return null;
  }
  return sizeBytes;
}

/** `store=A/dataset=B/…` → { schema: A, name: B }; null for objects that are not of a dataset. */
function tableOfKey(key: string): TableRef | null {
  const parts = key.split("/").map((part) => part.split("="));
  const value = (name: string) => parts.find(([label]) => label === name)?.[1];
  const dataset = value("dataset");
  if (dataset === undefined) return null;
  return { schema: decoded(value("store") ?? ""), name: decoded(dataset) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // not written by us
  }
}

async function tables(root: string, signal: AbortSignal): Promise<TableSummary[]> {
  const found = new Map<string, TableSummary>();
  for await (const object of listFiles(root, "", signal)) {
    const ref = tableOfKey(object.key);
    if (!ref) continue;
    const id = JSON.stringify([ref.schema, ref.name]);
    const sizeBytes = (found.get(id)?.sizeBytes ?? 0) + object.sizeBytes;
    found.set(id, { ref, kind: "table", rowCount: null, sizeBytes, columns: [], key: null });
  }
  return [...found.values()].sort((a, b) => b.sizeBytes - a.sizeBytes);
}

async function stats(root: string, table: TableRef, signal: AbortSignal): Promise<TableStats> {
  const summary = (await tables(root, signal)).find(
    ({ ref }) => ref.schema === table.schema && ref.name === table.name,
  );
  const totalBytes = summary?.sizeBytes ?? 0;
  return {
    rowCount: null,
    heapBytes: totalBytes,
    indexBytes: 0,
    toastBytes: null,
    totalBytes,
    deadRows: null,
    liveRows: null,
    lastVacuumAt: null,
    lastAnalyzeAt: null,
    oldestAt: null,
    newestAt: null,
    indexes: [],
    notes: [],
  };
}
