import { Client } from "pg";
import { copyRows } from "@/lib/demo/binary-copy";
import type { DemoPlan } from "@/lib/demo/plan";
import { nodeRows } from "@/lib/demo/rows/dify-nodes";
import { appLogRow, hasAppLog, runRow } from "@/lib/demo/rows/dify-runs";
import { conversationRow, messageRow } from "@/lib/demo/rows/dify-talk";
import { gatewayRow, logRow } from "@/lib/demo/rows/gateway";
import {
  createTableSql,
  type DemoTable,
  qualified,
  TABLES,
  type TableName,
  type Value,
} from "@/lib/demo/tables";

/** Every row of one table, made as it is asked for. */
export function* rowsOf(name: TableName, plan: DemoPlan): Generator<Value[]> {
  switch (name) {
    case "runs":
      for (const run of plan.runs) yield runRow(run);
      return;
    case "nodes":
      for (const run of plan.runs) yield* nodeRows(run);
      return;
    case "appLogs":
      for (const run of plan.runs) if (hasAppLog(run)) yield appLogRow(run);
      return;
    case "conversations":
      for (const conversation of plan.conversations) yield conversationRow(conversation);
      return;
    case "messages":
      for (const message of plan.messages) yield messageRow(message);
      return;
    case "logs": {
      let id = 0;
      for (const call of plan.calls) yield logRow(call, ++id);
      return;
    }
    case "gateway": {
      let id = 0;
      for (const call of plan.calls) {
        const row = gatewayRow(call, id + 1);
        if (row === null) continue;
        id += 1;
        yield row;
      }
    }
  }
}

/** Large tables first, so that none of them is alone at the end. */
const LANES: readonly (readonly TableName[])[] = [
  ["nodes"],
  ["messages", "logs"],
  ["gateway", "runs", "appLogs", "conversations"],
];

/**
 * Creates and fills every table as the role of `url`, in three connections at once, then adds what spans two
 * tables. Returns rows by table. Throws on the first failure; what is then there must be thrown away.
 */
export async function loadTables(
  url: string,
  plan: DemoPlan,
  say: (line: string) => void,
): Promise<Map<TableName, number>> {
  const counts = new Map<TableName, number>();
  await withClient(url, async (client) => {
    const schemas = new Set(Object.values(TABLES).map((table) => table.schema));
    for (const schema of schemas) await client.query(`CREATE SCHEMA "${schema}"`);
  });
  const lane = (names: readonly TableName[]) =>
    withClient(url, async (client) => {
      for (const name of names) {
        counts.set(name, await loadTable(client, name, plan));
        say(`demo: ${qualified(TABLES[name])} ${counts.get(name)} rows`);
      }
    });
  const results = await Promise.allSettled(LANES.map(lane));
  for (const result of results) if (result.status === "rejected") throw result.reason;
  await withClient(url, async (client) => {
    await client.query(
      "ALTER TABLE dify.messages ADD CONSTRAINT messages_conversation_id_fkey FOREIGN KEY (conversation_id) REFERENCES dify.conversations (id)",
    );
  });
  return counts;
}

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url, application_name: "strata demo" });
  // A connection that breaks while idle would otherwise end the process; the next query reports it.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("SET synchronous_commit = off; SET maintenance_work_mem = '96MB'");
    await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function loadTable(client: Client, name: TableName, plan: DemoPlan): Promise<number> {
  const table: DemoTable = TABLES[name];
  await client.query("BEGIN");
  await client.query(createTableSql(table));
  const rowCount = await copyRows(client, table, rowsOf(name, plan));
  for (const sql of table.indexes) await client.query(sql);
  if (table.sequence)
    await client.query(`SELECT setval('${table.sequence}', greatest($1::bigint, 1))`, [rowCount]);
  await client.query("COMMIT");
  if (name === "nodes") await wearOut(client);
  await client.query(`ANALYZE ${qualified(table)}`);
  return rowCount;
}

/**
 * Leaves what a busy table without vacuum looks like: rows updated when their run ended, some deleted, and
 * autovacuum switched off, so that there is something to optimize.
 */
async function wearOut(client: Client): Promise<void> {
  await client.query(
    "ALTER TABLE dify.workflow_node_executions SET (autovacuum_enabled = false, toast.autovacuum_enabled = false)",
  );
  await client.query(
    "UPDATE dify.workflow_node_executions SET elapsed_time = elapsed_time + 0.001 WHERE get_byte(uuid_send(id), 0) < 50",
  );
  await client.query(
    "DELETE FROM dify.workflow_node_executions WHERE node_type IN ('answer', 'end') AND get_byte(uuid_send(id), 0) >= 225",
  );
}
