import { randomBytes } from "node:crypto";
import { Client } from "pg";
import {
  DEMO_DATABASE,
  DEMO_ROLE,
  type DemoFile,
  demoUrl,
  readDemoFile,
  writeDemoFile,
} from "@/lib/demo/demo-file";
import { loadTables } from "@/lib/demo/load";
import { buildPlan } from "@/lib/demo/plan";
import { AppError } from "@/lib/errors";

export interface PrepareDemoInput {
  /** Superuser URL of any database of the cluster. */
  adminUrl: string;
  dataDir: string;
  say(line: string): void;
  /** Share of the full 300,000 rows; tests make a small one. */
  scale?: number;
  /** End of the generated time, now by default. */
  endAt?: Date;
}

const EXTENSIONS = ["pg_trgm", "pgstattuple", "pg_stat_statements"];
/** Stands on the database once everything is in it; its absence means an interrupted preparation. */
const COMPLETE = "Strata demo, complete";
/** Two preparations at once would drop each other's database. The number is arbitrary, but ours. */
const LOCK = 7_342_015;

/**
 * Makes the demo's role and database unless they are there and complete. A half-made database is dropped and
 * made anew; one of the same name that is not ours is left alone and refused (conflict).
 */
export async function prepareDemo(input: PrepareDemoInput): Promise<void> {
  await withAdmin(input.adminUrl, async (admin) => {
    await admin.query("SELECT pg_advisory_lock($1)", [LOCK]);
    const found = await findDatabase(admin);
    const known = await readDemoFile(input.dataDir);
    if (found && found.owner !== DEMO_ROLE)
      throw new AppError(
        "conflict",
        `The server already has a database “${DEMO_DATABASE}” that is not the demo's. Nothing was changed. Rename it, or run the demo with another data folder.`,
      );
    if (found?.complete) {
      await keepUsable(admin, input, known);
      return;
    }
    if (found) {
      input.say("demo: the last preparation was interrupted; starting it again");
      await admin.query(`DROP DATABASE "${DEMO_DATABASE}" WITH (FORCE)`);
    }
    await make(admin, input);
  });
}

/** The demo is complete: make sure that role, password and file still fit together. */
async function keepUsable(admin: Client, input: PrepareDemoInput, known: DemoFile | null): Promise<void> {
  const place = placeOf(input.adminUrl);
  if (known && known.host === place.host && known.port === place.port && (await answers(demoUrl(known))))
    return;
  const file = known ? { ...known, ...place } : fileFor(input);
  if (!known) await setPassword(admin, file.password);
  else if (!(await answers(demoUrl(file)))) await setPassword(admin, file.password);
  await writeDemoFile(input.dataDir, file);
}

async function make(admin: Client, input: PrepareDemoInput): Promise<void> {
  const startedAt = performance.now();
  const file = fileFor(input);
  input.say("demo: creating the demo database");
  await setPassword(admin, file.password);
  await admin.query(`GRANT pg_monitor TO "${DEMO_ROLE}"`);
  await writeDemoFile(input.dataDir, file);
  await admin.query(
    `CREATE DATABASE "${DEMO_DATABASE}" OWNER "${DEMO_ROLE}" TEMPLATE template0 ENCODING 'UTF8'`,
  );
  await withAdmin(inDatabase(input.adminUrl), async (client) => {
    for (const name of EXTENSIONS) await client.query(`CREATE EXTENSION IF NOT EXISTS "${name}"`);
  });
  const counts = await loadTables(demoUrl(file), buildPlan(new Date(file.endAt), file.scale), input.say);
  // Last, so that a kill at any earlier moment is seen as an interrupted preparation.
  await admin.query(`COMMENT ON DATABASE "${DEMO_DATABASE}" IS '${COMPLETE}'`);
  const rows = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const seconds = (performance.now() - startedAt) / 1000;
  const { rows: sizes } = await admin.query<{ size: string }>(
    "SELECT pg_size_pretty(pg_database_size($1)) AS size",
    [DEMO_DATABASE],
  );
  input.say(`demo: ${rows.toLocaleString("en")} rows, ${sizes[0]?.size}, in ${seconds.toFixed(1)} s`);
}

function fileFor(input: PrepareDemoInput): DemoFile {
  return {
    ...placeOf(input.adminUrl),
    database: DEMO_DATABASE,
    user: DEMO_ROLE,
    password: randomBytes(24).toString("hex"),
    endAt: (input.endAt ?? new Date()).toISOString(),
    scale: input.scale ?? 1,
  };
}

/** Creates the role or gives it a new password. The password is hexadecimal: it can be quoted as it is. */
async function setPassword(admin: Client, password: string): Promise<void> {
  const { rowCount } = await admin.query("SELECT 1 FROM pg_roles WHERE rolname = $1", [DEMO_ROLE]);
  const verb = rowCount === 0 ? "CREATE" : "ALTER";
  await admin.query(
    `${verb} ROLE "${DEMO_ROLE}" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD '${password}'`,
  );
}

async function findDatabase(admin: Client): Promise<{ owner: string; complete: boolean } | null> {
  const { rows } = await admin.query<{ owner: string; complete: boolean }>(
    `SELECT pg_get_userbyid(datdba) AS owner,
            coalesce(shobj_description(oid, 'pg_database') = $2, false) AS complete
     FROM pg_database WHERE datname = $1`,
    [DEMO_DATABASE, COMPLETE],
  );
  return rows[0] ?? null;
}

function placeOf(adminUrl: string): { host: string; port: number } {
  const url = new URL(adminUrl);
  return { host: url.hostname, port: Number(url.port || 5432) };
}

function inDatabase(adminUrl: string): string {
  const url = new URL(adminUrl);
  url.pathname = `/${DEMO_DATABASE}`;
  return url.href;
}

async function answers(url: string): Promise<boolean> {
  try {
    await withAdmin(url, async (client) => void (await client.query("SELECT 1")));
    return true;
  } catch {
    return false;
  }
}

async function withAdmin<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, application_name: "strata demo" });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
