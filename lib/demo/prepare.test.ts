import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pool as controlPool } from "@/lib/control/database";
import { type TestControl, testCluster, testControl } from "@/lib/control/testing";
import { DEMO_DATABASE, DEMO_ROLE, demoUrl, readDemoFile } from "@/lib/demo/demo-file";
import { demoHistory } from "@/lib/demo/history";
import { prepareDemo } from "@/lib/demo/prepare";
import { DEMO_DATASETS } from "@/lib/demo/register";

const SCALE = 0.1;
const dataDir = mkdtempSync(join(tmpdir(), "strata-demo-"));
let demo: Pool;
let control: TestControl;
const lines: string[] = [];

async function dropAll(): Promise<void> {
  const admin = new Pool({ connectionString: testCluster().adminUrl, max: 1 });
  await admin.query(`DROP DATABASE IF EXISTS "${DEMO_DATABASE}" WITH (FORCE)`);
  await admin.query(`DROP ROLE IF EXISTS "${DEMO_ROLE}"`);
  await admin.end();
}

const prepare = (say: (line: string) => void) =>
  prepareDemo({ adminUrl: testCluster().adminUrl, dataDir, say, scale: SCALE });

const one = async (sql: string): Promise<number> => Number((await demo.query<{ n: string }>(sql)).rows[0]?.n);

beforeAll(async () => {
  await dropAll();
  control = await testControl();
  // Interrupted: the first attempt fails once a table is in.
  await expect(
    prepare((line) => {
      if (line.includes(" rows")) throw new Error("interrupted");
    }),
  ).rejects.toThrow("interrupted");
  await prepare((line) => lines.push(line));
  const file = await readDemoFile(dataDir);
  if (!file) throw new Error("demo.json is missing");
  demo = new Pool({ connectionString: demoUrl(file), max: 4 });
}, 120_000);

afterAll(async () => {
  await demo?.end();
  await dropAll();
  await control?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

it("starts an interrupted preparation again and does nothing when it is complete", async () => {
  expect(lines[0]).toContain("interrupted");
  const again: string[] = [];
  await prepare((line) => again.push(line));
  expect(again).toEqual([]);
  expect(statSync(join(dataDir, "demo.json")).mode & 0o777).toBe(0o600);
});

it("keeps the relations of the real applications", async () => {
  const orphans = (child: string, column: string, parent: string) =>
    one(
      `SELECT count(*) AS n FROM ${child} c WHERE ${column} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ${parent} p WHERE p.id = c.${column})`,
    );
  expect(await orphans("dify.workflow_node_executions", "workflow_run_id", "dify.workflow_runs")).toBe(0);
  expect(await orphans("dify.workflow_app_logs", "workflow_run_id", "dify.workflow_runs")).toBe(0);
  expect(await orphans("dify.messages", "conversation_id", "dify.conversations")).toBe(0);
  expect(await orphans("dify.messages", "workflow_run_id", "dify.workflow_runs")).toBe(0);
  expect(
    await one(
      "SELECT count(*) AS n FROM gateway.conversations g WHERE NOT EXISTS (SELECT 1 FROM newapi.logs l WHERE (l.user_id, l.created_at, l.model_name) = (g.user_id, g.created_at, g.model_name))",
    ),
  ).toBe(0);
});

it("has about one row in a hundred above 100 KB, both languages, and markup that must stay text", async () => {
  for (const table of [
    "dify.workflow_runs",
    "dify.workflow_node_executions",
    "dify.messages",
    "gateway.conversations",
  ]) {
    const share = await one(`SELECT avg((octet_length(t::text) > 100000)::int) AS n FROM ${table} t`);
    expect(share, table).toBeGreaterThan(0.004);
    expect(share, table).toBeLessThan(0.02);
  }
  const chinese = await one("SELECT avg((prompt ~ '[一-龥]')::int) AS n FROM gateway.conversations");
  expect(chinese).toBeGreaterThan(0.25);
  expect(chinese).toBeLessThan(0.75);
  expect(
    await one(
      "SELECT count(*) AS n FROM gateway.conversations WHERE answer LIKE '%<script>%' OR answer LIKE '%onerror%'",
    ),
  ).toBeGreaterThan(0);
});

it("leaves a table with dead rows and never vacuumed", async () => {
  const vacuumed = await one(
    "SELECT count(*) AS n FROM pg_stat_user_tables WHERE relname = 'workflow_node_executions' AND (last_vacuum IS NOT NULL OR last_autovacuum IS NOT NULL)",
  );
  expect(vacuumed).toBe(0);
  // From the statistics: a page read later is pruned, so pgstattuple would find fewer bytes than were left.
  const dead = await one("SELECT pg_stat_get_dead_tuples('dify.workflow_node_executions'::regclass) AS n");
  expect(dead).toBeGreaterThan(1000);
});

it("writes a history that ends at what the tables hold, marked as generated", async () => {
  const datasets = DEMO_DATASETS.map((dataset) => ({ ...dataset, datasetId: dataset.name }));
  const made = await demoHistory({ source: demo, storeId: "aiapps", datasets, now: new Date() });
  expect(made).toBeGreaterThan(50_000);
  const { rows } = await controlPool().query<{ last: number; generated: boolean; n: string }>(
    "SELECT (array_agg(last ORDER BY at DESC))[1] AS last, bool_and(generated) AS generated, count(*) AS n FROM samples.hour WHERE subject_id = 'logs' AND metric = 'hotRows'",
  );
  const now = await one("SELECT count(*) AS n FROM newapi.logs");
  expect(rows[0]?.generated).toBe(true);
  expect(rows[0]?.last).toBeGreaterThan(now * 0.98);
  expect(rows[0]?.last).toBeLessThanOrEqual(now);
}, 60_000);
