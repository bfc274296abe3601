import { db } from "@/lib/control/database";
import { manifestSchema } from "@/lib/segments/manifest";
import type { Manifest } from "@/lib/segments/segment";
import { openStore } from "@/lib/stores/open";
import type { ColdSegment } from "./cold";

/** Manifests never change, so each is read from the control DB once. */
const MAX_MANIFESTS = 20_000;
const manifests = new Map<string, Manifest>();

export interface CatalogueEntry {
  segmentId: string;
  storeId: string;
  storeName: string;
}

/** The committed segments of a dataset, newest commit last. */
export async function listEntries(datasetId: string): Promise<CatalogueEntry[]> {
  const rows = await db().segment.findMany({
    where: { datasetId, state: "committed" },
    select: { id: true, storeId: true, store: { select: { name: true } } },
    orderBy: [{ createdAt: "asc" }, { id: "asc" }],
  });
  return rows.map((row) => ({ segmentId: row.id, storeId: row.storeId, storeName: row.store.name }));
}

/** Segments that can be opened, and those whose store cannot. */
export async function openEntries(
  entries: readonly CatalogueEntry[],
): Promise<{ segments: ColdSegment[]; closed: { entry: CatalogueEntry; error: unknown }[] }> {
  await loadManifests(entries.map(({ segmentId }) => segmentId));
  const segments: ColdSegment[] = [];
  const closed: { entry: CatalogueEntry; error: unknown }[] = [];
  const stores = new Map<string, ReturnType<typeof objectsOf>>();
  for (const entry of entries) {
    const manifest = manifests.get(entry.segmentId);
    if (!manifest) continue; // retired between two reads: nothing of it is left
    const opening = stores.get(entry.storeId) ?? objectsOf(entry.storeId);
    stores.set(entry.storeId, opening);
    const opened = await opening;
    if (opened.objects) segments.push({ manifest, objects: opened.objects });
    else closed.push({ entry, error: opened.error });
  }
  return { segments, closed };
}

async function objectsOf(storeId: string) {
  try {
    const { objects } = await openStore(storeId, "read");
    return { objects, error: new Error("the store holds no objects") };
  } catch (error) {
    return { objects: undefined, error };
  }
}

async function loadManifests(segmentIds: readonly string[]): Promise<void> {
  const unknown = segmentIds.filter((id) => !manifests.has(id));
  if (unknown.length === 0) return;
  const rows = await db().segment.findMany({
    where: { id: { in: unknown } },
    select: { id: true, manifest: true },
  });
  for (const row of rows) manifests.set(row.id, manifestSchema.parse(row.manifest));
  for (const oldest of manifests.keys()) {
    if (manifests.size <= MAX_MANIFESTS) break;
    if (!segmentIds.includes(oldest)) manifests.delete(oldest);
  }
}

/** Forgets all manifests. */
export const clearManifests = (): void => manifests.clear();
