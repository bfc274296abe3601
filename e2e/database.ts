import { Client } from "pg";
import { demoUrl, readDemoFile } from "@/lib/demo/demo-file";
import { demo } from "./demo";

/** Rows of one statement on a database, as objects. */
export async function queryAt(
  url: string,
  sql: string,
  values: unknown[] = [],
): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** The same on the demo's applications, as the user that owns them. */
export async function queryDemo(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
  const file = await readDemoFile(demo().dataDir);
  if (!file) throw new Error("the demo has left no address of its database");
  return queryAt(demoUrl(file), sql, values);
}
