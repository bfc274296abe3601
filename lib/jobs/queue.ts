import { PgBoss } from "pg-boss";
import { controlUrl } from "@/lib/control/address";
import { asControlError } from "@/lib/control/database";
import { log } from "@/lib/log";

export const OPERATIONS_QUEUE = "operations";

export interface OperationJob {
  operationId: string;
}

const holder = globalThis as typeof globalThis & { strataQueue?: Promise<PgBoss> };

/**
 * The started queue of this process, in the schema `pgboss` of the control DB. Only one that `supervise`s looks
 * after expired and failed jobs: that is the worker's part, web only sends. Throws `unreachable`; the next call
 * tries again.
 */
export function queue(part: "web" | "worker" = "web"): Promise<PgBoss> {
  holder.strataQueue ??= start(part).catch((error: unknown) => {
    holder.strataQueue = undefined;
    throw asControlError(error);
  });
  return holder.strataQueue;
}

async function start(part: "web" | "worker"): Promise<PgBoss> {
  const works = part === "worker";
  const boss = new PgBoss({
    connectionString: controlUrl(),
    application_name: `strata queue (${part})`,
    max: works ? 4 : 2,
    supervise: works,
    schedule: works,
  });
  boss.on("error", (error) => log("queue").warn({ err: error.message }, "the queue met an error"));
  await boss.start();
  // "short": one waiting job per operation, so that a job whose worker was killed holds nobody up.
  // A job only says "look at this operation". A lost one is sent again by the worker's sweep, so retries are few;
  // it expires late, because an operation may run for a day and its lease, not the job, tells who works on it.
  await boss.createQueue(OPERATIONS_QUEUE, {
    policy: "short",
    retryLimit: 2,
    retryDelay: 5,
    expireInSeconds: 86_000,
    retentionSeconds: 14 * 86_400,
    deleteAfterSeconds: 86_400,
  });
  return boss;
}

/**
 * Asks the workers to look at an operation. Harmless when repeated: one waiting job per operation is kept, and
 * the operation's lease decides who works.
 */
export async function enqueueOperation(
  operationId: string,
  options: { afterSeconds?: number } = {},
): Promise<void> {
  const boss = await queue();
  const job: OperationJob = { operationId };
  try {
    await boss.send(OPERATIONS_QUEUE, job, { singletonKey: operationId, startAfter: options.afterSeconds });
  } catch (error) {
    throw asControlError(error);
  }
}

/** Ends the queue of this process, letting running handlers finish for `graceMs` first. */
export async function stopQueue(graceMs = 10_000): Promise<void> {
  const open = holder.strataQueue;
  holder.strataQueue = undefined;
  const boss = await open?.catch(() => null);
  await boss?.stop({ graceful: true, timeout: graceMs });
}
