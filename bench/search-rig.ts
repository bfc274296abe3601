import { rmSync } from "node:fs";
import type { Client } from "pg";
import type { Roles } from "@/lib/schemas/dataset";
import { openAppDatabase } from "./app-database";

export const ROLES: Roles = {
  key: ["id"],
  time: { column: "created_at", unit: "timestamptz" },
  tenant: null,
  user: "user_id",
  status: "status",
  model: "model",
  tokens: null,
  text: ["prompt", "answer"],
  prompt: "prompt",
  answer: "answer",
};

/** A control DB with a store and a database beside it, in an embedded PostgreSQL: what a search needs. */
export interface SearchRig {
  app: Client;
  storeId: string;
  /** Puts a table under management without looking at it. */
  addDataset(tableName: string): Promise<string>;
  addFolder(path: string): Promise<string>;
  close(): Promise<void>;
}

export async function openSearchRig(): Promise<SearchRig> {
  const { control, app, storeId, dataDir } = await openAppDatabase("bench_search");
  const { db, closeDatabase } = await import("@/lib/control/database");
  return {
    app,
    storeId,
    addDataset: async (tableName) =>
      (
        await db().dataset.create({
          data: { storeId, name: tableName, schemaName: "public", tableName, roles: ROLES },
        })
      ).id,
    addFolder: async (path) =>
      (await db().store.create({ data: { name: "cold", kind: "folder", config: { path } } })).id,
    close: async () => {
      const { closeStores } = await import("@/lib/stores/open");
      const { closeSandboxes } = await import("@/lib/search/sandbox-pool");
      await closeStores();
      await closeSandboxes();
      await app.end();
      await closeDatabase();
      await control.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** Time of one search up to its complete page, and the rows on it. Throws when a tier failed. */
export async function timePage(query: Record<string, unknown>): Promise<{ ms: number; rows: number }> {
  const { searchInputSchema } = await import("@/lib/schemas/search");
  const { searchPage } = await import("@/lib/search/search");
  const input = searchInputSchema.parse(query);
  const started = performance.now();
  const page = await searchPage(input, AbortSignal.timeout(120_000));
  const ms = performance.now() - started;
  if (page.failures.length > 0) throw new Error(page.failures.join("; "));
  return { ms, rows: page.rows.length };
}
