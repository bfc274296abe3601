import { Client } from "pg";
import { type TestDatabase, testDatabase } from "@/lib/control/testing";
import { createTableSql, TABLES } from "@/lib/demo/tables";
import type { Actor } from "@/lib/schemas/user";

export const ADMIN: Actor = { userId: "u-admin", name: "Ada", role: "admin" };
export const OPERATOR: Actor = { userId: "u-operator", name: "Olga", role: "operator" };
export const VIEWER: Actor = { userId: "u-viewer", name: "Vera", role: "viewer" };

/** A database with the tables of Dify, new-api and the gateway, a few rows in two of them, and odd tables. */
export async function sourceDatabase(): Promise<TestDatabase & { config: Record<string, string | number> }> {
  const database = await testDatabase("empty");
  const client = new Client({ connectionString: database.url });
  await client.connect();
  for (const table of Object.values(TABLES)) {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${table.schema}`);
    await client.query(createTableSql(table));
    for (const sql of table.indexes) await client.query(sql);
  }
  await client.query(ROWS);
  await client.query("ANALYZE");
  await client.end();
  const { hostname, port, username, password, pathname } = new URL(database.url);
  return {
    ...database,
    config: {
      host: hostname,
      port: Number(port),
      database: pathname.slice(1),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      ssl: "disable",
    },
  };
}

const ROWS = `
  INSERT INTO gateway.conversations (user_id, username, model_name, created_at, prompt, answer)
    SELECT n, 'u' || n, 'gpt-5-mini', extract(epoch FROM now())::bigint - n * 86400, 'Where is my refund ' || n, '退款在路上'
    FROM generate_series(1, 200) n;
  CREATE TABLE public."审计 Log" ("编号" bigint PRIMARY KEY, "创建时间" timestamptz, "内容" text);
  CREATE TABLE public.events (ts_ms bigint, id bigint PRIMARY KEY, user_name varchar(64), payload jsonb, updated_at timestamptz);
  INSERT INTO public.events SELECT 1760000000000 + n, n, 'u', '{}' FROM generate_series(1, 10) n;
  CREATE TABLE public.no_key (created_at timestamp, message text);
  CREATE TABLE public.pairs (a int, b int, note text, PRIMARY KEY (a, b));
  CREATE VIEW public.seen AS SELECT * FROM public.pairs`;
