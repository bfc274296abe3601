import { closeDatabase, useWorkerPool as takeWorkerPool } from "@/lib/control/database";
import { startWorker } from "@/lib/jobs/worker-node";
import { log } from "@/lib/log";
import { startSampler } from "@/lib/metrics/sampler";
import { sampleSpool } from "@/lib/metrics/write";
import { auditSpool } from "@/lib/services/audit/spool";

/** The worker process: `npm run worker`, or a child of `npm start`. Ends cleanly on SIGTERM, SIGINT and with its parent. */
const PARENT_CHECK_MS = 1_000;

takeWorkerPool();
const node = await startWorker();
const sampler = await startSampler();
// What a process that was killed left on this disk comes in now.
void sampleSpool.replay().catch((error: unknown) => log("worker").warn({ err: error }, "samples wait"));
void auditSpool.replay().catch((error: unknown) => log("worker").warn({ err: error }, "audit entries wait"));

let ending = false;
async function end(why: string): Promise<void> {
  if (ending) return;
  ending = true;
  log("worker").info({ why }, "ends");
  await sampler.stop().catch(() => undefined);
  await node.stop();
  await closeDatabase().catch(() => undefined);
  process.exit(0);
}

process.once("SIGTERM", () => void end("SIGTERM"));
process.once("SIGINT", () => void end("SIGINT"));
process.once("disconnect", () => void end("the parent is gone"));

// A killed supervisor says nothing: an orphan is handed to another parent.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) void end("the parent is gone");
}, PARENT_CHECK_MS).unref();
