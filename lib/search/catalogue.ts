import { db, pool } from "@/lib/control/database";
import { manifestSchema } from "@/lib/segments/manifest";
import type { Manifest } from "@/lib/segments/segment";
import { openStore } from "@/lib/stores/open";
import type { TableRef } from "@/lib/stores/table";
import type { ColdSegment } from "./cold";

/** Manifests never change, so each is read from the control DB once. */
const MAX_MANIFESTS = 20_000;
const manifests = new Map<string, Manifest>();

export interface CatalogueEntry {
  segmentId: string;
  storeId: string;
  storeName: string;
}

/** What can change about a dataset's tiers while it is read. */
export interface TierState {
  epoch: number;
  archive: TableRef | null;
  /** Committed segments, oldest commit first. */
  entries: CatalogueEntry[];
}

interface StateRow {
  epoch: number;
  archiveSchema: string;
  archiveTable: string | null;
  entries: [segmentId: string, storeId: string, storeName: string][] | null;
}

/** By one statement, so that its parts belong together; asked several times for a page, so without detours. */
const STATE_SQL = `SELECT d."tierEpoch" AS epoch, coalesce(d."archiveSchema", d."schemaName") AS "archiveSchema",
    d."archiveTable", (
      SELECT json_agg(json_build_array(s.id, s."storeId", o.name) ORDER BY s."createdAt", s.id)
      FROM "Segment" s JOIN "Store" o ON o.id = s."storeId"
      WHERE s."datasetId" = d.id AND s.state = 'committed') AS entries
  FROM "Dataset" d WHERE d.id = $1`;

export async function tierState(datasetId: string): Promise<TierState> {
  const { rows } = await pool().query<StateRow>(STATE_SQL, [datasetId]);
  const row = rows[0];
  if (!row) return { epoch: -1, archive: null, entries: [] };
  return {
    epoch: row.epoch,
    archive: row.archiveTable === null ? null : { schema: row.archiveSchema, name: row.archiveTable },
    entries: (row.entries ?? []).map(([segmentId, storeId, storeName]) => ({
      segmentId,
      storeId,
      storeName,
    })),
  };
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
