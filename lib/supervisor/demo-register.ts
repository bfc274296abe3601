import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Pool } from "pg";
import { db } from "@/lib/control/database";
import { type DemoFile, demoUrl, readDemoFile } from "@/lib/demo/demo-file";
import { demoHistory } from "@/lib/demo/history";
import { DEMO_DATASETS, demoStores } from "@/lib/demo/register";
import type { Actor } from "@/lib/schemas/user";
import { createDataset } from "@/lib/services/datasets/create";
import { createStore } from "@/lib/services/stores/create";
import { enableWrites } from "@/lib/services/stores/enable-writes";
import { updateStore } from "@/lib/services/stores/update";

const KEY = "demo.registered";
const ACTOR: Actor = { userId: null, name: "Strata (demo)", role: "admin" };

/**
 * Puts the demo's stores and datasets into the control DB, once, by the same services as the forms, with their
 * history. What an operator removed later stays removed; an address that changed since is corrected.
 */
export async function registerDemo(dataDir: string): Promise<void> {
  const file = await readDemoFile(dataDir);
  if (!file) return;
  if (await db().setting.findUnique({ where: { key: KEY } })) return correctAddress(file);
  mkdirSync(join(dataDir, "cold"), { recursive: true });
  const storeIds = await ensureStores(file, dataDir);
  const datasets = await ensureDatasets(storeIds);
  await writeHistory(file, storeIds.get("aiapps") ?? "", datasets);
  await db().setting.create({ data: { key: KEY, value: { at: new Date().toISOString() } } });
}

async function ensureStores(file: DemoFile, dataDir: string): Promise<Map<string, string>> {
  const storeIds = new Map<string, string>();
  for (const { name, kind, config, writesEnabled } of demoStores(file, dataDir)) {
    const known = await db().store.findUnique({ where: { name }, select: { id: true } });
    const storeId = known?.id ?? (await createStore(ACTOR, { name, kind, config })).storeId;
    if (writesEnabled) await enableWrites(ACTOR, { storeId, enabled: true });
    storeIds.set(name, storeId);
  }
  return storeIds;
}

interface Registered {
  datasetId: string;
  schemaName: string;
  tableName: string;
}

async function ensureDatasets(storeIds: Map<string, string>): Promise<Registered[]> {
  const made = new Map<string, Registered>();
  for (const { store, parent, parentLink, ...dataset } of DEMO_DATASETS) {
    const { name, schemaName, tableName } = dataset;
    const known = await db().dataset.findUnique({ where: { name }, select: { id: true } });
    const parentId = parent ? made.get(parent)?.datasetId : undefined;
    const input = {
      ...dataset,
      storeId: storeIds.get(store) ?? "",
      parentId: parentId ?? null,
      parentLink: parentLink ?? null,
    };
    const datasetId = known?.id ?? (await createDataset(ACTOR, input)).datasetId;
    made.set(name, { datasetId, schemaName, tableName });
  }
  return [...made.values()];
}

async function writeHistory(file: DemoFile, storeId: string, datasets: Registered[]): Promise<void> {
  const source = new Pool({ connectionString: demoUrl(file), max: 4 });
  try {
    await demoHistory({ source, storeId, datasets, now: new Date() });
  } finally {
    await source.end();
  }
}

/** The embedded PostgreSQL takes another port when its own was taken meanwhile. */
async function correctAddress(file: DemoFile): Promise<void> {
  const row = await db().store.findUnique({ where: { name: "aiapps" } });
  if (!row || typeof row.config !== "object" || row.config === null || Array.isArray(row.config)) return;
  if (row.config.port === file.port && row.config.host === file.host) return;
  await updateStore(ACTOR, {
    storeId: row.id,
    config: { host: file.host, port: file.port, password: file.password },
  });
}
