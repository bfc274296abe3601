import { mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { hasErrno } from "@/lib/control/files";
import { env } from "@/lib/env";
import { readRecords } from "@/lib/spool/spool-file";

/** Where spools of a kind lie: on this machine's disk, beside everything else that Strata keeps. */
export const spoolFolder = (kind: string): string => join(env().STRATA_DATA, "spool", kind);

/** Names begin with the time of their making, so that their order is the order of their records. */
export const spoolName = (): string => `${Date.now().toString().padStart(15, "0")}-${process.pid}.spool`;

const ownerOf = (name: string): number => Number(/-(\d+)\.spool$/.exec(name)?.[1] ?? 0);

const folderNames = (kind: string): Promise<string[]> =>
  readdir(spoolFolder(kind)).catch((error: unknown) => {
    if (hasErrno(error, "ENOENT")) return [];
    throw error;
  });

export async function spoolFiles(kind: string): Promise<string[]> {
  return (await folderNames(kind)).filter((name) => name.endsWith(".spool")).sort();
}

/** Files of this process, and those of processes that are gone, which become this one's by a rename. Oldest first. */
export async function ownFiles(kind: string): Promise<string[]> {
  const folder = spoolFolder(kind);
  const owned: string[] = [];
  for (const name of await spoolFiles(kind)) {
    if (ownerOf(name) === process.pid) owned.push(join(folder, name));
    else if (!isAlive(ownerOf(name))) {
      const mine = join(folder, name.replace(/-\d+\.spool$/, `-${process.pid}.spool`));
      const taken = await moveWithMark(join(folder, name), mine);
      if (taken) owned.push(mine);
    }
  }
  return owned;
}

/** The mark goes first: a file without its mark would be delivered from the beginning, which is harmless but slow. */
async function moveWithMark(from: string, to: string): Promise<boolean> {
  try {
    await rename(markOf(from), markOf(to)).catch(() => undefined);
    await rename(from, to);
    return true;
  } catch (error) {
    if (hasErrno(error, "ENOENT")) return false; // another process was faster
    throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasErrno(error, "EPERM");
  }
}

export const markOf = (path: string): string => `${path}.done`;

/** Bytes of a file that were delivered. */
export async function deliveredBytes(path: string): Promise<number> {
  const text = await readFile(markOf(path), "utf8").catch(() => "0");
  return Number.parseInt(text, 10) || 0;
}

export async function markDelivered(path: string, endByte: number): Promise<void> {
  const next = `${markOf(path)}.next`;
  const file = await open(next, "w", 0o600);
  await file.writeFile(String(endByte));
  await file.datasync();
  await file.close();
  await rename(next, markOf(path));
}

export async function removeSpool(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(markOf(path), { force: true });
}

export const makeFolder = (kind: string) => mkdir(spoolFolder(kind), { recursive: true, mode: 0o700 });

export interface SpoolState {
  kind: string;
  /** Records on the disk that were not delivered yet. */
  waiting: number;
  /** Lines that cannot be read, and files set aside because of such lines. */
  damaged: number;
  sizeBytes: number;
  /** When the oldest waiting file was begun. */
  since: string | null;
}

/** What lies on this machine's disk and waits; bounded by reading at most the undelivered part of each file. */
export async function spoolState(kind: string): Promise<SpoolState> {
  const state: SpoolState = { kind, waiting: 0, damaged: 0, sizeBytes: 0, since: null };
  for (const name of await spoolFiles(kind)) {
    const path = join(spoolFolder(kind), name);
    const { records, damaged } = await readRecords(path, await deliveredBytes(path));
    const info = await stat(path).catch(() => null);
    state.waiting += records.length;
    state.damaged += damaged;
    state.sizeBytes += info?.size ?? 0;
    if (records.length > 0) state.since ??= new Date(Number.parseInt(name, 10)).toISOString();
  }
  state.damaged += (await folderNames(kind)).filter((name) => name.endsWith(".damaged")).length;
  return state;
}
