import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { db, pool } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { type TestControl, type TestDatabase, testControl, testDatabase } from "@/lib/control/testing";
import { stopQueue } from "@/lib/jobs/queue";
import { coldSegments } from "@/lib/operations/cold-rows";
import { makePlan } from "@/lib/operations/plans";
import { type RunOptions, type RunResult, runOperation } from "@/lib/operations/runner";
import { startOperation } from "@/lib/operations/start";
import type { Roles } from "@/lib/schemas/dataset";
import type { Throttle } from "@/lib/schemas/operation";
import type { PlanInput } from "@/lib/schemas/plan";
import { readSegment } from "@/lib/segments/read";
import { closeStores, openStore } from "@/lib/stores/open";
import { vectorText } from "@/lib/stores/text-form";

/** A source with a family of three tables, a folder as target, and a control DB of one's own: for tests of operations. */

export const ACTOR = { userId: "u1", name: "Operator" };
export const CUTOFF = "2026-03-01T00:00:00.000Z";
export const TABLES = ["runs", "nodes", "logs"] as const;
export type TableName = (typeof TABLES)[number];

export interface World {
  control: TestControl;
  source: TestDatabase;
  sql: Client;
  storeId: string;
  folderId: string;
  folder: string;
  datasetId: string;
  nodesId: string;
  drop(): Promise<void>;
}

const roles = (over: Partial<Roles>): Roles => ({
  key: ["id"],
  time: null,
  tenant: null,
  user: null,
  status: null,
  model: null,
  tokens: null,
  text: [],
  prompt: null,
  answer: null,
  ...over,
});

const SCHEMA = `
  CREATE TABLE runs (id uuid PRIMARY KEY, tenant_id int, status varchar(20), inputs text, cost numeric(20,10),
    created_at timestamp NOT NULL);
  CREATE INDEX ON runs (created_at, id);
  CREATE TABLE nodes (id uuid PRIMARY KEY, run_id uuid, title text, outputs json, created_at timestamptz);
  CREATE INDEX ON nodes (run_id);
  CREATE TABLE logs (id bigint PRIMARY KEY, node_id uuid, line text);
  CREATE INDEX ON logs (node_id);`;

/** `perMonth` runs in each month from January to April 2026, each with two nodes, each with one log. */
const SEED = `
  INSERT INTO runs SELECT md5('r' || n)::uuid, n % 3, 'ok', repeat('问题 ' || n || ' ', 20), n / 7.0,
    timestamp '2026-01-01' + (n / $1) * interval '1 month' + (n % $1) * interval '20 day' / $1
    FROM generate_series(0, $1 * 4 - 1) n;
  INSERT INTO nodes SELECT md5('n' || n || '-' || k)::uuid, md5('r' || n)::uuid, 'node ' || k, '{"a": 12345678901234567890}',
    timestamptz '2026-01-05 00:00+00' FROM generate_series(0, $1 * 4 - 1) n, generate_series(1, 2) k;
  INSERT INTO logs SELECT n * 10 + k, md5('n' || n || '-' || k)::uuid, 'line ' || n
    FROM generate_series(0, $1 * 4 - 1) n, generate_series(1, 2) k;
  ANALYZE;`;

export async function openWorld(perMonth: number, variables: Record<string, string> = {}): Promise<World> {
  const control = await testControl(variables);
  const source = await testDatabase();
  const sql = new Client({ connectionString: source.url });
  sql.on("error", () => undefined);
  await sql.connect();
  await sql.query(SCHEMA);
  await sql.query(SEED.replaceAll("$1", String(perMonth)));
  const folder = mkdtempSync(join(tmpdir(), "strata-cold-"));
  const storeId = await addPostgres(source.url);
  const folderId = (
    await db().store.create({
      data: { name: "cold", kind: "folder", config: { path: folder }, writesEnabled: true },
    })
  ).id;
  const { datasetId, nodesId } = await addFamily(storeId);
  const drop = async () => {
    await closeStores();
    await stopQueue(0);
    await sql.end();
    await control.drop();
    await source.drop();
    rmSync(folder, { recursive: true, force: true });
  };
  return { control, source, sql, storeId, folderId, folder, datasetId, nodesId, drop };
}

async function addPostgres(address: string): Promise<string> {
  const url = new URL(address);
  const config = {
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    ssl: "disable",
  };
  const store = await db().store.create({
    data: { name: "app", kind: "postgres", config, writesEnabled: true },
  });
  const secretCipher = encrypt(JSON.stringify({ password: decodeURIComponent(url.password) }), store.id);
  await db().store.update({ where: { id: store.id }, data: { secretCipher } });
  return store.id;
}

async function addFamily(storeId: string): Promise<{ datasetId: string; nodesId: string }> {
  const common = { storeId, schemaName: "public" };
  const time = { column: "created_at", unit: "timestamp" } as const;
  const runs = await db().dataset.create({
    data: {
      ...common,
      name: "runs",
      tableName: "runs",
      roles: roles({ time, tenant: "tenant_id", status: "status", text: ["inputs"] }),
    },
  });
  const nodes = await db().dataset.create({
    data: {
      ...common,
      name: "nodes",
      tableName: "nodes",
      roles: roles({ text: ["title"] }),
      parentId: runs.id,
      parentLink: { column: "run_id", parentColumn: "id" },
    },
  });
  await db().dataset.create({
    data: {
      ...common,
      name: "logs",
      tableName: "logs",
      roles: roles({ text: ["line"] }),
      parentId: nodes.id,
      parentLink: { column: "node_id", parentColumn: "id" },
    },
  });
  return { datasetId: runs.id, nodesId: nodes.id };
}

/** Plans and starts; the queue's job is left alone, `run` works on it. */
export async function plan(input: PlanInput, throttle?: Partial<Throttle>): Promise<string> {
  const made = await makePlan(input, ACTOR);
  const { operationId } = await startOperation({
    planId: made.planId,
    confirm: made.confirm ?? "",
    reason: "test",
    throttle,
    actor: ACTOR,
  });
  return operationId;
}

export const archiveInput = (world: World, tier: "archive" | "cold"): PlanInput => ({
  kind: "archive",
  params: {
    datasetId: world.datasetId,
    cutoff: { at: CUTOFF },
    target: tier === "cold" ? { tier, storeId: world.folderId } : { tier },
  },
});

export function run(operationId: string, options: Partial<RunOptions> = {}): Promise<RunResult> {
  return runOperation(operationId, { owner: "test", shutdown: new AbortController().signal, ...options });
}

export class TestCrash extends Error {}

/** Stops the run as a crash would, right before or after its nth checkpoint is saved, and lets the lease run out. True if it got that far. */
export async function crashAt(
  operationId: string,
  nth: number,
  hook: "beforeSave" | "afterSave",
): Promise<boolean> {
  const stop = (saved: number) => {
    if (saved === nth) throw new TestCrash();
  };
  try {
    await run(operationId, { [hook]: stop });
    return false;
  } catch (error) {
    if (!(error instanceof TestCrash)) throw error;
    await expireLease(operationId);
    return true;
  }
}

export async function expireLease(operationId: string): Promise<void> {
  await pool().query(`UPDATE "Operation" SET "leaseUntil" = now() - interval '1 s' WHERE id = $1`, [
    operationId,
  ]);
}

export type Rows = Record<TableName, string[]>;

export async function hotRows(world: World): Promise<Rows> {
  return {
    runs: await texts(world, "runs"),
    nodes: await texts(world, "nodes"),
    logs: await texts(world, "logs"),
  };
}

export async function archiveRows(world: World): Promise<Rows> {
  const of = (table: TableName) => texts(world, `${table}_archive`);
  return { runs: await of("runs"), nodes: await of("nodes"), logs: await of("logs") };
}

/** Rows in the database's text form, sorted; none when the table is not there. */
async function texts(world: World, table: string): Promise<string[]> {
  const there = await world.sql.query<{ there: boolean }>("SELECT to_regclass($1) IS NOT NULL AS there", [
    table,
  ]);
  if (!there.rows[0]?.there) return [];
  const columns = table.startsWith("runs")
    ? "id, tenant_id, status, inputs, cost, created_at"
    : table.startsWith("nodes")
      ? "id, run_id, title, outputs, created_at AT TIME ZONE 'UTC'"
      : "id, node_id, line";
  const list = columns.split(", ").map((column) => `coalesce((${column})::text, '∅')`);
  const result = await world.sql.query<{ row: string }>(
    `SELECT concat_ws('|', ${list.join(", ")}) AS row FROM ${table} ORDER BY 1`,
  );
  return result.rows.map(({ row }) => row).sort();
}

/** What the committed segments own, in the same text form. */
export async function coldRows(_world: World): Promise<Rows> {
  const rows: Rows = { runs: [], nodes: [], logs: [] };
  for (const name of TABLES) {
    const dataset = await db().dataset.findUniqueOrThrow({ where: { name } });
    for (const { manifest, storeId } of await coldSegments(dataset.id)) {
      const { objects } = await openStore(storeId, "read");
      if (!objects) continue;
      for await (const batch of readSegment(objects, manifest, {}, new AbortController().signal)) {
        for (let row = 0; row < batch.rowCount; row += 1) {
          rows[name].push(
            batch.vectors.map((one) => (vectorText(one, row) ?? "∅").replace(/\+00$/, "")).join("|"),
          );
        }
      }
    }
    rows[name].sort();
  }
  return rows;
}

export const joined = (...tiers: Rows[]): Rows => ({
  runs: tiers.flatMap((tier) => tier.runs).sort(),
  nodes: tiers.flatMap((tier) => tier.nodes).sort(),
  logs: tiers.flatMap((tier) => tier.logs).sort(),
});

/** Every row of `whole` is in one of the tiers at least. Returns those that are nowhere. */
export function lost(whole: Rows, ...tiers: Rows[]): string[] {
  const have = joined(...tiers);
  return TABLES.flatMap((name) => {
    const set = new Set(have[name]);
    return whole[name].filter((row) => !set.has(row));
  });
}

export const operationRow = (operationId: string) =>
  db().operation.findUniqueOrThrow({
    where: { id: operationId },
    include: { lines: true, quarantine: true },
  });
