import { setTimeout as delay } from "node:timers/promises";
import { isControlAway, pool } from "@/lib/control/database";
import { log } from "@/lib/log";
import { Leader } from "@/lib/metrics/leader";
import { maintainPartitions } from "@/lib/metrics/partitions";
import { rolledUntil, rollUp } from "@/lib/metrics/rollup";
import { sampleFigures } from "@/lib/metrics/sample-figures";
import { sampleHealth } from "@/lib/metrics/sample-health";
import { QUERIES_MS, sampleQueries } from "@/lib/metrics/sample-queries";
import { sampleDatasets, sampleSizes } from "@/lib/metrics/sample-sizes";
import { SAMPLING } from "@/lib/schemas/metrics";

export interface Sampler {
  /** Ends within seconds; another worker takes over with its next look. */
  stop(): Promise<void>;
}

const FOLLOW_MS = 5_000;
const ROLL_UP_MS = 60_000;
const MAINTAIN_MS = 3_600_000;
const HOUR_MS = 3_600_000;

interface Task {
  name: string;
  everyMs: number;
  run(now: Date, signal: AbortSignal): Promise<void>;
}

const TASKS: readonly Task[] = [
  {
    name: "partitions",
    everyMs: MAINTAIN_MS,
    run: async (now) => {
      await maintainPartitions(pool(), now);
    },
  },
  { name: "health", everyMs: SAMPLING.healthMs, run: sampleHealth },
  { name: "sizes", everyMs: SAMPLING.sizesMs, run: sampleSizes },
  { name: "queries", everyMs: QUERIES_MS, run: sampleQueries },
  { name: "figures", everyMs: QUERIES_MS, run: sampleFigures },
  { name: "roll-up", everyMs: ROLL_UP_MS, run: rollUpLate },
  { name: "after operations", everyMs: FOLLOW_MS, run: followOperations },
];

/** Samples all stores for as long as this worker leads; the other workers wait to take over. */
export async function startSampler(): Promise<Sampler> {
  const abort = new AbortController();
  const leader = new Leader();
  const loop = lead(leader, abort.signal);
  return {
    stop: async () => {
      abort.abort();
      await loop;
      await leader.release();
    },
  };
}

async function lead(leader: Leader, signal: AbortSignal): Promise<void> {
  let leads = false;
  const running = new Map<Task, Promise<void>>();
  const due = new Map<Task, number>();
  while (!signal.aborted) {
    const now = new Date();
    // While the control DB is away nobody can take the lead over: whoever had it goes on looking at the stores.
    const held = await leader.held().catch((error: unknown) => leads && isControlAway(error));
    if (held && !leads) await begin(now);
    leads = held;
    // A task that is slow is not started twice and holds up no other.
    for (const task of held ? TASKS : []) {
      if (running.has(task) || now.getTime() < (due.get(task) ?? 0)) continue;
      due.set(task, nextTick(now, task.everyMs));
      running.set(
        task,
        guarded(task, now, signal).finally(() => running.delete(task)),
      );
    }
    await delay(1_000, undefined, { signal }).catch(() => undefined);
  }
  await Promise.race([Promise.allSettled(running.values()), delay(3_000)]);
}

const nextTick = (now: Date, everyMs: number): number => (Math.floor(now.getTime() / everyMs) + 1) * everyMs;

async function guarded(task: Task, now: Date, signal: AbortSignal): Promise<void> {
  try {
    await task.run(now, signal);
  } catch (error) {
    // A missed tick is a gap in the charts; the next one comes by itself.
    if (!signal.aborted) log("sampler").warn({ err: error, task: task.name }, "a task failed");
  }
}

/** A new leader first makes partitions, then counts the hours that the one before it left. */
async function begin(now: Date): Promise<void> {
  try {
    await maintainPartitions(pool(), now);
    await rollUp(await rolledUntil(now), now);
    log("sampler").info("samples the stores");
  } catch (error) {
    log("sampler").warn({ err: error }, "could not prepare its tables");
  }
}

async function rollUpLate(now: Date): Promise<void> {
  await rollUp(new Date(now.getTime() - HOUR_MS), now);
}

let followedUntil: Date | null = null;

/** Figures of a dataset are taken anew as soon as an operation on it has ended: its page shows what it did. */
async function followOperations(_now: Date, signal: AbortSignal): Promise<void> {
  // A Date holds milliseconds, the column microseconds.
  const { rows } = await pool().query<{ datasetId: string; endedAt: Date }>(
    `SELECT o."datasetId", o."endedAt" FROM "Operation" o
     WHERE date_trunc('milliseconds', o."endedAt") > coalesce($1::timestamptz, now() - interval '1 minute') AND o."datasetId" IS NOT NULL
     ORDER BY o."endedAt"`,
    [followedUntil],
  );
  if (rows.length === 0) return;
  const family = await pool().query<{ id: string }>(
    `WITH RECURSIVE up AS (
       SELECT id, "parentId" FROM "Dataset" WHERE id = ANY($1)
       UNION SELECT d.id, d."parentId" FROM "Dataset" d JOIN up ON d.id = up."parentId" OR d."parentId" = up.id)
     SELECT id FROM up`,
    [rows.map((row) => row.datasetId)],
  );
  await sampleDatasets(
    family.rows.map((row) => row.id),
    new Date(),
    signal,
  );
  followedUntil = rows.at(-1)?.endedAt ?? followedUntil;
}
