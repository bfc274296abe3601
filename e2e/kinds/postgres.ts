import { Client } from "pg";
import type { TestServer } from "@/lib/stores/testing/server-file";
import type { KindStory } from "./kind-story";

const TABLE = "story_logs";

async function ask<T>(server: TestServer, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

export const postgresStory: KindStory = {
  kind: "postgres",
  server: "postgresql-replica",
  address: (server) => server.url,
  seed: (server, rows) =>
    ask(server, async (client) => {
      await client.query(`DROP TABLE IF EXISTS ${TABLE}`);
      await client.query(
        `CREATE TABLE ${TABLE} (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, tenant text, content text)`,
      );
      await client.query(`CREATE INDEX ON ${TABLE} (created_at, id)`);
      await client.query(
        `INSERT INTO ${TABLE} SELECT (r->>'id')::bigint, (r->>'at')::timestamptz, r->>'tenant', r->>'text' FROM jsonb_array_elements($1::jsonb) r`,
        [JSON.stringify(rows)],
      );
      await client.query(`ANALYZE ${TABLE}`);
      return TABLE;
    }),
  count: (server) =>
    ask(server, async (client) => {
      const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${TABLE}`);
      return Number(rows[0]?.n);
    }),
  restores: true,
  optimize: /^Plan VACUUM \(ANALYZE\)/,
};
