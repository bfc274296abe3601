import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { childEnv } from "@/lib/env";
import { resumeOperation } from "@/lib/operations/control";
import {
  ACTOR,
  archiveInput,
  coldRows,
  expireLease,
  hotRows,
  joined,
  lost,
  openWorld,
  operationRow,
  plan,
  type Rows,
  type World,
} from "@/lib/operations/testing";
import type { Proof } from "@/lib/schemas/operation";

/** Killed for real: a worker process, SIGKILL at random points, another one goes on. */
const KILLS = 10;
const RUNS_PER_MONTH = 1_500;

let world: World;
let original: Rows;
let worker: ChildProcess | undefined;

beforeEach(async () => {
  world = await openWorld(RUNS_PER_MONTH);
  original = await hotRows(world);
});
afterEach(async () => {
  await end("SIGKILL");
  await world.drop();
});

function startWorker(): void {
  worker = spawn(process.execPath, ["--import", "tsx", "lib/jobs/worker.ts"], {
    env: childEnv({
      DATABASE_URL: world.control.url,
      STRATA_DATA: world.control.dataDir,
      STRATA_LOG: "error",
    }),
    stdio: ["ignore", "inherit", "inherit"],
  });
}

async function end(signal: NodeJS.Signals): Promise<void> {
  if (!worker || worker.exitCode !== null || worker.signalCode !== null) return;
  const exited = once(worker, "exit");
  worker.kill(signal);
  await exited;
}

async function until(
  operationId: string,
  holds: (row: { state: string; doneRows: bigint; step: number }) => boolean,
) {
  for (;;) {
    const row = await operationRow(operationId);
    if (holds(row)) return row;
    if (row.state === "failed") throw new Error(JSON.stringify(row.error));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("killed at random points, ends with nothing lost and a proof", async () => {
  const operationId = await plan(archiveInput(world, "cold"), { batchRows: 100, restRatio: 0.3 });
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = (await operationRow(operationId)).attempts;
    startWorker();
    const row = await until(operationId, ({ state }) => state !== "queued");
    if (row.state === "succeeded") break;
    await until(
      operationId,
      (now) => now.state === "succeeded" || (now as { attempts?: number }).attempts !== before,
    );
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 600));
    await end("SIGKILL");
    expect(lost(original, await hotRows(world), await coldRows(world))).toEqual([]);
    await expireLease(operationId);
  }
  startWorker();
  await until(operationId, ({ state }) => state === "succeeded");
  expect(joined(await hotRows(world), await coldRows(world))).toEqual(original);
  const proof = (await operationRow(operationId)).proof as unknown as Proof;
  expect(proof.lines[0]?.rows.target).toBe(String(RUNS_PER_MONTH * 2));
}, 240_000);

test("on SIGTERM the operation goes back to the queue, and another worker goes on by itself", async () => {
  const operationId = await plan(archiveInput(world, "archive"), { batchRows: 50, restRatio: 0.8 });
  startWorker();
  await until(operationId, ({ doneRows }) => doneRows > 0n);
  expect(await db().workerNode.count()).toBe(1);
  await end("SIGTERM");
  const row = await operationRow(operationId);
  expect([row.state, row.leaseOwner]).toEqual(["queued", null]);
  expect(await db().workerNode.count()).toBe(0);
  await db().operation.update({ where: { id: operationId }, data: { throttle: { batchRows: 5_000 } } });
  await resumeOperation(operationId, ACTOR).catch(() => undefined); // it is queued: nothing to resume
  startWorker();
  await until(operationId, ({ state }) => state === "succeeded");
}, 120_000);
