import { Client } from "pg";
import { readAddress } from "@/lib/control/address";
import { startLogstoreDouble } from "@/lib/stores/logstore/testing/double";
import type { TestServer } from "@/lib/stores/testing/server-file";
import { demo } from "../demo";
import type { KindStory } from "./kind-story";

const LOGSTORE = "workflow_runs";
const DATABASE = "story_logstore";
const ACCOUNT = { user: "LTAIstory", password: "story-secret" };

let backend = "";

/**
 * A double of LogStore (there is no server to be had) over a database of its own in the demo's PostgreSQL. It ends with
 * this process: a store that went silent would keep later stories from exporting whole searches.
 */
export async function startLogstore(): Promise<TestServer> {
  const own = readAddress(demo().dataDir);
  if (!own) throw new Error("the demo has left no address of its PostgreSQL");
  const admin = new URL(`postgres://127.0.0.1:${own.port}/postgres`);
  admin.username = own.user;
  admin.password = encodeURIComponent(own.password);
  await asked(admin.href, (client) =>
    client.query(`CREATE DATABASE ${DATABASE}`).catch((error: { code?: string }) => {
      if (error.code !== "42P04") throw error; // there from an earlier run
    }),
  );
  admin.pathname = `/${DATABASE}`;
  backend = admin.href;
  const double = await startLogstoreDouble({ backendUrl: backend, project: "story", accounts: [ACCOUNT] });
  const url = `postgresql://${ACCOUNT.user}:${ACCOUNT.password}@${double.host}:${double.port}/story?sslmode=disable`;
  return {
    name: "logstore",
    url,
    urls: [url],
    host: double.host,
    port: double.port,
    user: ACCOUNT.user,
    password: ACCOUNT.password,
    database: "story",
    parameters: {},
  };
}

async function asked<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export const logstoreStory: KindStory = {
  kind: "logstore",
  server: "logstore",
  address: (server) => server.url,
  // What the application would have appended: LogStore has no other way in than appending.
  seed: (_server, rows) =>
    asked(backend, async (client) => {
      await client.query(`DROP TABLE IF EXISTS ${LOGSTORE}`);
      await client.query(`CREATE TABLE ${LOGSTORE} (id text, tenant_id text, app_id text, workflow_id text, status text,
        outputs text, created_at text, finished_at text, total_tokens bigint, log_version bigint)`);
      await client.query(
        `INSERT INTO ${LOGSTORE} SELECT r->>'id', r->>'tenant', 'app', 'flow', 'succeeded', r->>'text',
           left(r->>'at', 19), left(r->>'at', 19), 7, 1700000000000000000 + (r->>'id')::bigint
         FROM jsonb_array_elements($1::jsonb) r`,
        [JSON.stringify(rows)],
      );
      return LOGSTORE;
    }),
  count: () =>
    asked(backend, async (client) => {
      const { rows } = await client.query<{ n: string }>(`SELECT count(DISTINCT id) AS n FROM ${LOGSTORE}`);
      return Number(rows[0]?.n);
    }),
  leavesByExpiry: true,
  restores: false,
  optimize: null,
};
