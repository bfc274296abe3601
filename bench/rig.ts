import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { ACTOR, openAppDatabase } from "./app-database";

/** A whole Strata without a browser: embedded PostgreSQL, control DB, one real worker process, a folder for cold. */
export interface Rig {
  /** A client on the application's database, for data and for baselines. */
  app: Client;
  dataDir: string;
  coldDir: string;
  storeId: string;
  coldStoreId: string;
  /** Highest resident memory of the worker so far, from the kernel's own account. */
  workerPeakBytes(): number;
  /** CPU seconds used so far, by the worker and by PostgreSQL with all of its processes. */
  cpuSeconds(): { worker: number; server: number };
  /** Ends the worker and starts another one, so that its peak begins anew. */
  freshWorker(): Promise<void>;
  close(): Promise<void>;
}

export async function openRig(): Promise<Rig> {
  const { control, app, storeId, dataDir } = await openAppDatabase("bench_app");
  const coldDir = join(dataDir, "cold");
  mkdirSync(coldDir);
  const coldStoreId = await addCold(storeId, coldDir);
  let worker = await startWorker(dataDir, control.url);
  return {
    app,
    dataDir,
    coldDir,
    storeId,
    coldStoreId,
    workerPeakBytes: () => peakBytes(worker),
    cpuSeconds: () => ({ worker: cpuSeconds([worker.pid ?? 0]), server: serverCpuSeconds(dataDir) }),
    freshWorker: async () => {
      await end(worker);
      worker = await startWorker(dataDir, control.url);
    },
    close: async () => {
      await end(worker);
      await app.end();
      const { closeDatabase } = await import("@/lib/control/database");
      const { stopQueue } = await import("@/lib/jobs/queue");
      await stopQueue();
      await closeDatabase();
      await control.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function addCold(storeId: string, coldDir: string): Promise<string> {
  const { createStore } = await import("@/lib/services/stores/create");
  const { enableWrites } = await import("@/lib/services/stores/enable-writes");
  const cold = await createStore(ACTOR, { name: "cold", kind: "folder", config: { path: coldDir } });
  for (const id of [storeId, cold.storeId]) await enableWrites(ACTOR, { storeId: id, enabled: true });
  return cold.storeId;
}

/** Puts the bench table under management; the store's list of tables is read anew first. */
export async function manage(rig: Rig, tableName: string): Promise<string> {
  const { refreshStore } = await import("@/lib/services/stores/refresh");
  const { createDataset } = await import("@/lib/services/datasets/create");
  const { findDatasetId, roles } = await import("./bench-table").then((table) => ({
    findDatasetId: table.findDatasetId,
    roles: table.ROLES,
  }));
  await refreshStore(ACTOR, { storeId: rig.storeId });
  await createDataset(ACTOR, {
    storeId: rig.storeId,
    schemaName: "public",
    tableName,
    name: tableName,
    roles,
  });
  return findDatasetId(tableName);
}

export interface Ran {
  operationId: string;
  /** From the moment a worker took it up to its end, by the database's clock. */
  seconds: number;
  rowCount: number;
}

/** Plans, starts and awaits an archive of everything older than now. Throws when it does not succeed. */
export async function archiveAll(
  datasetId: string,
  target: { tier: "archive" } | { tier: "cold"; storeId: string },
): Promise<Ran> {
  const { createPlan } = await import("@/lib/services/plans/create");
  const { startOperation } = await import("@/lib/services/operations/start");
  const plan = await createPlan(ACTOR, {
    kind: "archive",
    params: { datasetId, cutoff: { days: 1 }, target },
  });
  const started = await startOperation(ACTOR, {
    planId: plan.planId,
    confirm: plan.confirm ?? "",
    reason: "benchmark",
    throttle: { restRatio: 0 },
  });
  return awaitOperation(started.operationId);
}

const ENDED = ["succeeded", "partial", "failed", "cancelled"];

async function awaitOperation(operationId: string): Promise<Ran> {
  const { db } = await import("@/lib/control/database");
  for (;;) {
    const row = await db().operation.findUniqueOrThrow({ where: { id: operationId } });
    if (ENDED.includes(row.state)) {
      if (row.state !== "succeeded" || !row.startedAt || !row.endedAt)
        throw new Error(`${row.title} ${row.state}: ${JSON.stringify(row.error)}`);
      return {
        operationId,
        seconds: (row.endedAt.getTime() - row.startedAt.getTime()) / 1_000,
        rowCount: Number(row.doneRows),
      };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function startWorker(dataDir: string, url: string): Promise<ChildProcess> {
  const { LEAN } = await import("@/lib/supervisor/lean");
  const args = [...LEAN.args, "--import", import.meta.resolve("tsx"), "lib/jobs/worker.ts"];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...LEAN.env, NODE_ENV: "production", STRATA_DATA: dataDir, DATABASE_URL: url },
    stdio: ["pipe", "inherit", "inherit"],
  });
  const { liveWorkers } = await import("@/lib/services/overview/attention");
  const before = Date.now();
  while ((await liveWorkers()) === 0 && Date.now() - before < 30_000)
    await new Promise((resolve) => setTimeout(resolve, 100));
  return child;
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill("SIGTERM");
  });
}

function peakBytes(child: ChildProcess): number {
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

/** Ticks of /proc/PID/stat, a hundredth of a second each on every Linux. */
const TICKS_PER_SECOND = 100;

function statOf(pid: number): { parent: number; ticks: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), ticks };
  } catch {
    return null; // it has ended
  }
}

/** Of these processes and of their children that have ended. */
const cpuSeconds = (pids: readonly number[]): number =>
  pids.reduce((sum, pid) => sum + (statOf(pid)?.ticks ?? 0), 0) / TICKS_PER_SECOND;

function serverCpuSeconds(dataDir: string): number {
  const postmaster = Number(readFileSync(join(dataDir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);
  const backends = readdirSync("/proc")
    .map(Number)
    .filter((pid) => statOf(pid)?.parent === postmaster);
  return cpuSeconds([postmaster, ...backends]);
}
