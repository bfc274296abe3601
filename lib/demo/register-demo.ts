import { Pool } from "pg";
import { db } from "@/lib/control/database";
import { type DemoFile, demoUrl, readDemoFile } from "@/lib/demo/demo-file";
import { demoHistory } from "@/lib/demo/history";
import { DEMO_DATASETS, type DemoStore, demoStores } from "@/lib/demo/register";
import type { Actor } from "@/lib/schemas/user";
import { createFamily } from "@/lib/services/datasets/create-family";
import { createStore } from "@/lib/services/stores/create";
import { enableWrites } from "@/lib/services/stores/enable-writes";

const ACTOR: Actor = { userId: null, name: "demo", role: "admin" };

/**
 * Adds the demo's stores and datasets through the same services as a person would, and the history that was
 * generated for them. What exists already is left, so that a start that was interrupted can be repeated.
 */
export async function registerDemo(dataDir: string): Promise<void> {
  const file = await readDemoFile(dataDir);
  if (!file) return;
  for (const store of demoStores(file, dataDir)) await ensureStore(store);
  const aiapps = await db().store.findUnique({ where: { name: "aiapps" } });
  if (!aiapps || (await db().dataset.count({ where: { storeId: aiapps.id } })) > 0) return;
  const datasets = [];
  for (const schema of new Set(DEMO_DATASETS.map((dataset) => dataset.schemaName))) {
    const members = DEMO_DATASETS.filter((dataset) => dataset.schemaName === schema).map(memberOf);
    datasets.push(...(await createFamily(ACTOR, { storeId: aiapps.id, members })));
  }
  await writeHistory(file, aiapps.id, datasets);
}

async function ensureStore({ name, kind, config, writesEnabled }: DemoStore): Promise<void> {
  if (await db().store.findUnique({ where: { name }, select: { id: true } })) return;
  const { storeId } = await createStore(ACTOR, { name, kind, config });
  if (writesEnabled) await enableWrites(ACTOR, { storeId, enabled: true });
}

/** Parents are named by their table; every demo dataset with a parent stands in its parent's schema. */
function memberOf(dataset: (typeof DEMO_DATASETS)[number]) {
  const parent = DEMO_DATASETS.find((other) => other.name === dataset.parent);
  return {
    schemaName: dataset.schemaName,
    tableName: dataset.tableName,
    name: dataset.name,
    preset: dataset.preset,
    roles: dataset.roles,
    keepDays: dataset.keepDays,
    parentTable: parent?.tableName ?? null,
    parentLink: dataset.parentLink ?? null,
  };
}

async function writeHistory(
  file: DemoFile,
  storeId: string,
  datasets: Parameters<typeof demoHistory>[0]["datasets"],
): Promise<void> {
  const source = new Pool({ connectionString: demoUrl(file), max: 4 });
  try {
    await demoHistory({ source, storeId, datasets, now: new Date() });
  } finally {
    await source.end();
  }
}
