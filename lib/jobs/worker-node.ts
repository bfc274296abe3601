import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { pool } from "@/lib/control/database";
import { OPERATIONS_QUEUE, type OperationJob, queue, stopQueue } from "@/lib/jobs/queue";
import { log } from "@/lib/log";
import { runOperation } from "@/lib/operations/runner";
import { closeStores } from "@/lib/stores/open";

/** Operations that one worker works on at the same time; those on one store take turns anyway. */
const CONCURRENCY = 4;
const SWEEP_MS = 2_000;
const HEARTBEAT_MS = 2_000;
/** Workers that were silent for a day are forgotten. */
const FORGET_HOURS = 24;
const STOP_MS = 20_000;

const READY = `
  SELECT id FROM "Operation"
  WHERE state IN ('queued', 'waiting', 'running') AND ("leaseUntil" IS NULL OR "leaseUntil" <= now())
  ORDER BY "createdAt", id LIMIT 50`;

export interface WorkerNode {
  workerId: string;
  /** Finishes the batches at work, gives the operations back to the queue and signs off. */
  stop(): Promise<void>;
}

/**
 * Begins to work: takes operations from the queue and, every two seconds, whatever lies about (of a worker that was
 * killed, of a store that may be back, of a job that was lost).
 */
export async function startWorker(): Promise<WorkerNode> {
  const node = new Node();
  await node.start();
  return node;
}

class Node implements WorkerNode {
  readonly workerId = `${hostname()}:${process.pid}:${randomBytes(3).toString("hex")}`;
  private readonly shutdown = new AbortController();
  private readonly running = new Map<string, Promise<void>>();
  private readonly timers: NodeJS.Timeout[] = [];
  private sweeping = false;

  async start(): Promise<void> {
    await this.register();
    const boss = await queue("worker");
    const options = { batchSize: 5, pollingIntervalSeconds: 0.5 };
    await boss.work<OperationJob>(OPERATIONS_QUEUE, options, async (jobs) => {
      // The job only says "look": the lease tells who works, so it is done as soon as it was heard.
      for (const job of jobs) this.begin(job.data.operationId);
    });
    this.every(HEARTBEAT_MS, () => this.beat());
    this.every(SWEEP_MS, () => this.sweep());
    await this.sweep();
    log("worker").info({ workerId: this.workerId }, "works");
  }

  async stop(): Promise<void> {
    if (this.shutdown.signal.aborted) return;
    this.shutdown.abort();
    for (const timer of this.timers) clearInterval(timer);
    const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS).unref());
    await Promise.race([Promise.allSettled(this.running.values()), late]);
    await stopQueue(1_000);
    await closeStores();
    await pool()
      .query('DELETE FROM "WorkerNode" WHERE id = $1', [this.workerId])
      .catch(() => undefined);
  }

  private begin(operationId: string): void {
    const full = this.running.size >= CONCURRENCY;
    if (full || this.running.has(operationId) || this.shutdown.signal.aborted) return;
    const work = this.run(operationId).finally(() => this.running.delete(operationId));
    this.running.set(operationId, work);
  }

  private async run(operationId: string): Promise<void> {
    try {
      const result = await runOperation(operationId, {
        owner: this.workerId,
        shutdown: this.shutdown.signal,
      });
      if (result) log("worker").info({ operationId, result }, "let go of an operation");
      // The next one may have waited for this store.
      if (result && !this.shutdown.signal.aborted) setImmediate(() => void this.sweep());
    } catch (error) {
      log("worker").error({ err: error, operationId }, "an operation was dropped; its lease runs out");
    }
  }

  private async sweep(): Promise<void> {
    if (this.sweeping || this.shutdown.signal.aborted) return;
    this.sweeping = true;
    try {
      const result = await pool().query<{ id: string }>(READY);
      for (const { id } of result.rows) this.begin(id);
    } catch (error) {
      log("worker").warn({ err: error }, "the control DB did not answer a sweep");
    } finally {
      this.sweeping = false;
    }
  }

  private async register(): Promise<void> {
    await pool().query(`DELETE FROM "WorkerNode" WHERE "seenAt" < now() - $1 * interval '1 hour'`, [
      FORGET_HOURS,
    ]);
    await pool().query('INSERT INTO "WorkerNode" (id, host, pid) VALUES ($1, $2, $3)', [
      this.workerId,
      hostname(),
      process.pid,
    ]);
  }

  private async beat(): Promise<void> {
    await pool()
      .query('UPDATE "WorkerNode" SET "seenAt" = now() WHERE id = $1', [this.workerId])
      .catch(() => undefined); // the next beat says so soon enough
  }

  private every(ms: number, work: () => Promise<void>): void {
    this.timers.push(setInterval(() => void work(), ms));
  }
}
