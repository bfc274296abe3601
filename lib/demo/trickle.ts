import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";
import { demoUrl, readDemoFile } from "@/lib/demo/demo-file";
import { type PlannedRun, planCall, planConversation, planMessage, planRun } from "@/lib/demo/plan";
import { Random } from "@/lib/demo/random";
import { nodeRows } from "@/lib/demo/rows/dify-nodes";
import { appLogRow, hasAppLog, runRow } from "@/lib/demo/rows/dify-runs";
import { conversationRow, messageRow } from "@/lib/demo/rows/dify-talk";
import { gatewayRow, logRow } from "@/lib/demo/rows/gateway";
import { columnList, type DemoTable, qualified, TABLES, type Value } from "@/lib/demo/tables";
import { buildWorld, type DemoApp } from "@/lib/demo/world";
import { env } from "@/lib/env";
import { log } from "@/lib/log";

const PAUSE_MS = 450;
const MAX_BACKOFF_MS = 30_000;

const stop = new AbortController();
const end = () => stop.abort();
process.on("SIGTERM", end);
process.on("SIGINT", end);
// The supervisor holds our stdin: when it dies, however it dies, the pipe closes and we end too.
process.stdin.on("end", end).on("close", end).on("error", end).resume();

const world = buildWorld();
// Not repeatable on purpose: two starts on one database must not write the same ids.
const random = new Random(Date.now() | 0, process.pid, 40);
const logger = log("trickle");

async function main(): Promise<void> {
  let backoffMs = 500;
  while (!stop.signal.aborted) {
    try {
      await connected(async (client) => {
        backoffMs = 500;
        await trickle(client);
      });
    } catch (error) {
      if (stop.signal.aborted) return;
      logger.warn({ err: error, backoffMs }, "The demo's database does not answer; trying again.");
      await pause(backoffMs);
      backoffMs = Math.min(MAX_BACKOFF_MS, backoffMs * 2);
    }
  }
}

async function connected(work: (client: Client) => Promise<void>): Promise<void> {
  const file = await readDemoFile(env().STRATA_DATA);
  if (!file) throw new Error("There is no demo.json in the data folder.");
  const client = new Client({
    connectionString: demoUrl(file),
    application_name: "aiapps",
    connectionTimeoutMillis: 5000,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Resolves after `ms`, or at once when the process is to end. */
const pause = (ms: number): Promise<void> =>
  sleep(ms, undefined, { signal: stop.signal }).then(
    () => undefined,
    () => undefined,
  );

/** About 3 to 10 rows a second until the process is to end; what was begun is finished first. */
async function trickle(client: Client): Promise<void> {
  while (!stop.signal.aborted) {
    const luck = random.float();
    if (luck < 0.3) await workflowRun(client);
    else if (luck < 0.55) await talk(client);
    else await gatewayCall(client);
    await pause(PAUSE_MS * (0.5 + random.float()));
  }
}

const nowUs = (): number => Date.now() * 1000;
const pickApp = (apps: readonly DemoApp[]): DemoApp => apps[random.zipf(apps.length)] as DemoApp;

/** As Dify does: the run appears as running, its nodes arrive one by one, then it is finished and logged. */
async function workflowRun(client: Client): Promise<void> {
  const run = {
    ...planRun(pickApp(world.workflowApps), nowUs(), null, random),
    elapsedS: 0.4 + random.float() * 2,
  };
  await runLive(client, run);
  if (hasAppLog(run)) await insert(client, TABLES.appLogs, appLogRow(run));
}

async function runLive(client: Client, run: PlannedRun): Promise<void> {
  const finished = runRow(run);
  const at = (column: string) => TABLES.runs.columns.findIndex(([name]) => name === column);
  const running = [...finished];
  running[at("status")] = "running";
  running[at("outputs")] = "{}";
  for (const column of ["finished_at", "error"]) running[at(column)] = null;
  for (const column of ["elapsed_time", "total_tokens", "total_steps", "exceptions_count"])
    running[at(column)] = 0;
  await insert(client, TABLES.runs, running);
  const nodes = nodeRows(run);
  for (const node of nodes) {
    await pause((run.elapsedS * 1000) / nodes.length);
    await insert(client, TABLES.nodes, node);
  }
  await client.query(
    `UPDATE dify.workflow_runs SET status = $2, outputs = $3, error = $4, elapsed_time = $5, total_tokens = $6,
       total_steps = $7, exceptions_count = $8, finished_at = timezone('UTC', clock_timestamp()) WHERE id = $1`,
    [
      run.id,
      ...[
        "status",
        "outputs",
        "error",
        "elapsed_time",
        "total_tokens",
        "total_steps",
        "exceptions_count",
      ].map((column) => finished[at(column)]),
    ],
  );
}

/** A conversation with its first message, in one transaction; a chatflow's run goes before its message. */
async function talk(client: Client): Promise<void> {
  const app = pickApp(random.chance(0.4) ? world.chatflowApps : world.chatApps);
  const conversation = planConversation(app, nowUs(), random);
  const message = planMessage(conversation, conversation.atUs, random);
  if (message.run) {
    message.run.elapsedS = 0.4 + random.float();
    await runLive(client, message.run);
  }
  await inTransaction(client, async () => {
    await insert(client, TABLES.conversations, conversationRow(conversation));
    await insert(client, TABLES.messages, messageRow(message));
  });
}

async function gatewayCall(client: Client): Promise<void> {
  const call = planCall(nowUs(), random);
  await inTransaction(client, async () => {
    const said = gatewayRow(call, 0);
    if (said) await insert(client, TABLES.gateway, said);
    await insert(client, TABLES.logs, logRow(call, 0));
  });
}

async function inTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query("BEGIN");
  try {
    await work();
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** One INSERT; a bigserial takes its next value instead of the planned one. */
async function insert(client: Client, table: DemoTable, row: readonly Value[]): Promise<void> {
  const slots = table.columns.map(([name, type], at) =>
    name === "id" && table.sequence
      ? `coalesce(nextval('${table.sequence}'), $${at + 1}::bigint)`
      : slot(type, at + 1),
  );
  await client.query(`INSERT INTO ${qualified(table)} (${columnList(table)}) VALUES (${slots.join(", ")})`, [
    ...row,
  ]);
}

/** Times travel as microseconds since 1970, as in the generated rows; the columns hold UTC without a zone. */
const slot = (type: string, at: number): string =>
  type === "timestamp" ? `timestamp '1970-01-01' + $${at}::float8 * interval '1 microsecond'` : `$${at}`;

await main();
// stdin keeps the process alive otherwise.
process.stdin.destroy();
