import { db } from "@/lib/control/database";
import type { CatalogueDto } from "@/lib/schemas/settings";
import type { CatalogueComparison, compareCatalogue } from "@/lib/segments/catalogue";
import { errorDto } from "@/lib/services/error-dto";
import { CATALOGUE_KEY } from "@/lib/services/settings/get";
import { toJson } from "@/lib/services/stored-json";
import { driversWith } from "@/lib/services/stores/driver";
import { openStore } from "@/lib/stores/open";

/** Listing a store with very many segments takes its time; nobody waits on a page for it. */
const WALK_MS = 600_000;

/** Asks every object store, one by one; one that does not answer is named and the others served. */
export async function walkStores(ask: typeof compareCatalogue): Promise<CatalogueDto> {
  const rows = await db().store.findMany({
    where: { kind: { in: driversWith("objects") } },
    select: { id: true, name: true },
    orderBy: { name: "asc" },
  });
  const stores: CatalogueDto["stores"] = [];
  for (const row of rows) stores.push(await askStore(row, ask));
  const result = { at: new Date().toISOString(), stores };
  const value = toJson(result);
  await db().setting.upsert({
    where: { key: CATALOGUE_KEY },
    create: { key: CATALOGUE_KEY, value },
    update: { value },
  });
  return result;
}

type StoreResult = CatalogueDto["stores"][number];

async function askStore(
  row: { id: string; name: string },
  ask: typeof compareCatalogue,
): Promise<StoreResult> {
  const segments = await db().segment.count({ where: { storeId: row.id, state: "committed" } });
  const empty = {
    storeId: row.id,
    name: row.name,
    manifests: 0,
    segments,
    unknown: [],
    missing: [],
    failure: null,
  };
  try {
    const { objects } = await openStore(row.id, "read");
    if (!objects) return empty;
    return { ...empty, ...figures(await ask(row.id, objects, AbortSignal.timeout(WALK_MS))) };
  } catch (error) {
    return { ...empty, failure: errorDto(error, "catalogue").message };
  }
}

function figures({
  equal,
  differences,
}: CatalogueComparison): Pick<StoreResult, "manifests" | "segments" | "unknown" | "missing"> {
  const keys = (kinds: readonly string[]) =>
    differences.filter(({ kind }) => kinds.includes(kind)).map(({ key }) => key);
  const missing = keys(["missingObject"]);
  const unknown = keys(["unknownManifest", "unknownDataset", "brokenManifest", "differentSha256"]);
  return { manifests: equal + unknown.length, segments: equal + missing.length, unknown, missing };
}
