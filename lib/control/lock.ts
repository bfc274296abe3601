import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hasErrno, readIfThere } from "@/lib/control/files";
import { AppError } from "@/lib/errors";

export interface FolderLock {
  release(): void;
}

interface Holder {
  pid: number;
  /** Start of the process in clock ticks since boot (Linux), which tells a reused pid from the holder. */
  startTicks: string | null;
  since: string;
}

/**
 * Takes a data folder for this process. A lock whose process is gone is taken over.
 * Throws `conflict` when another live Strata holds the folder.
 */
export function lockFolder(dataDir: string): FolderLock {
  const path = join(dataDir, "strata.lock");
  const mine = JSON.stringify(holderOf(process.pid));
  for (let attempt = 0; attempt < 5; attempt++) {
    if (createExclusive(path, mine)) return { release: () => releaseOwn(path, mine) };
    const text = readIfThere(path);
    if (text === null) continue;
    const holder = parseHolder(text);
    if (holder && isAlive(holder)) throw taken(dataDir, holder);
    setAside(path, text);
  }
  throw new AppError(
    "conflict",
    `The lock ${path} could not be taken. Is another Strata starting right now?`,
  );
}

function taken(dataDir: string, holder: Holder): AppError {
  return new AppError(
    "conflict",
    `Another Strata (process ${holder.pid}, since ${holder.since}) already uses the data folder ${dataDir}. Stop it, or set STRATA_DATA to another folder.`,
    { key: "folderTaken", details: { pid: holder.pid, folder: dataDir, since: holder.since } },
  );
}

function createExclusive(path: string, content: string): boolean {
  try {
    writeFileSync(path, content, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (hasErrno(error, "EEXIST")) return false;
    throw error;
  }
}

/** Two starters may see the same stale lock: the one that moves a fresh lock away by mistake puts it back. */
function setAside(path: string, stale: string): void {
  const aside = `${path}.${process.pid}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return;
    throw error;
  }
  const moved = readIfThere(aside);
  if (moved !== null && moved !== stale) createExclusive(path, moved);
  rmSync(aside, { force: true });
}

function releaseOwn(path: string, mine: string): void {
  if (readIfThere(path) === mine) rmSync(path, { force: true });
}

function holderOf(pid: number): Holder {
  return { pid, startTicks: startTicks(pid), since: new Date().toISOString() };
}

function parseHolder(text: string): Holder | null {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null || !("pid" in value)) return null;
    const { pid } = value;
    if (typeof pid !== "number") return null;
    const ticks = "startTicks" in value && typeof value.startTicks === "string" ? value.startTicks : null;
    const since = "since" in value && typeof value.since === "string" ? value.since : "unknown";
    return { pid, startTicks: ticks, since };
  } catch {
    return null; // written by half before a power cut
  }
}

function isAlive(holder: Holder): boolean {
  if (!processExists(holder.pid)) return false;
  return holder.startTicks === null || startTicks(holder.pid) === holder.startTicks;
}

export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasErrno(error, "EPERM");
  }
}

/** Field 22 of /proc/PID/stat; null where there is no /proc. The name in field 2 may hold blanks. */
function startTicks(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? null;
  } catch {
    return null;
  }
}
