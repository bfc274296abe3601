import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { resetEnv } from "@/lib/env";
import type { ControlServer } from "@/lib/supervisor/control";

export const ACTOR = { userId: null, name: "bench", role: "admin" } as const;

/** An embedded PostgreSQL with the control DB and an application's database beside it, known as the store `app`. */
export interface AppDatabase {
  control: ControlServer;
  /** A client on the application's database. */
  app: Client;
  storeId: string;
  dataDir: string;
}

/** Starts it in a temporary folder and points this process's environment at it. */
export async function openAppDatabase(database: string): Promise<AppDatabase> {
  const dataDir = mkdtempSync(join(tmpdir(), "strata-bench-"));
  Object.assign(process.env, { STRATA_DATA: dataDir, STRATA_LOG: process.env.STRATA_LOG ?? "error" });
  resetEnv();
  const { startControl } = await import("@/lib/supervisor/control");
  const control = await startControl(dataDir, () => undefined);
  process.env.DATABASE_URL = control.url;
  resetEnv();
  const { createDatabase } = await import("@/lib/control/provision");
  await createDatabase(control.adminUrl, database);
  const url = new URL(control.adminUrl);
  url.pathname = `/${database}`;
  const app = new Client({ connectionString: url.href });
  await app.connect();
  const { createStore } = await import("@/lib/services/stores/create");
  const config = {
    host: url.hostname,
    port: Number(url.port),
    database,
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
  const { storeId } = await createStore(ACTOR, { name: "app", kind: "postgres", config });
  return { control, app, storeId, dataDir };
}
