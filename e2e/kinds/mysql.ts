import { createConnection } from "mysql2/promise";
import type { TestServer } from "@/lib/stores/testing/server-file";
import type { KindStory } from "./kind-story";

const TABLE = "story_logs";

async function ask<T>(server: TestServer, work: (sql: Asker) => Promise<T>): Promise<T> {
  const connection = await createConnection({ uri: server.url, timezone: "Z" });
  try {
    return await work(async (text, values) => (await connection.query(text, values))[0]);
  } finally {
    await connection.end();
  }
}
type Asker = (text: string, values?: unknown[]) => Promise<unknown>;

export const mysqlStory: KindStory = {
  kind: "mysql",
  server: "mariadb",
  address: (server) => server.url,
  seed: (server, rows) =>
    ask(server, async (sql) => {
      await sql(`DROP TABLE IF EXISTS ${TABLE}`);
      await sql(
        `CREATE TABLE ${TABLE} (id bigint unsigned PRIMARY KEY, created_at datetime(6) NOT NULL, tenant varchar(64), content text, KEY (created_at, id)) DEFAULT CHARSET utf8mb4`,
      );
      const values = rows.map((row) => [row.id, row.at, row.tenant, row.text]);
      await sql(`INSERT INTO ${TABLE} (id, created_at, tenant, content) VALUES ?`, [values]);
      return TABLE;
    }),
  count: (server) =>
    ask(server, async (sql) => {
      const [row] = (await sql(`SELECT count(*) AS n FROM ${TABLE}`)) as { n: number }[];
      return Number(row?.n);
    }),
  restores: true,
  optimize: /^Plan ANALYZE/,
};
