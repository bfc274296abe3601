import { z } from "zod";
import { isAppError, StoreError } from "@/lib/errors";
import { goneKey, keysOfParquet } from "@/lib/segments/key";
import { readJson } from "@/lib/segments/manifest";
import type { GoneList, Manifest } from "@/lib/segments/segment";
import type { ObjectAccess } from "@/lib/stores/store";

/** Writers at one segment race for the next number; each loses at most to the others. */
const MAX_ATTEMPTS = 20;

const goneSchema: z.ZodType<GoneList> = z.object({
  format: z.literal("strata-gone/1"),
  segmentId: z.string(),
  sequence: z.number().int().positive(),
  reason: z.enum(["keptHot", "restored", "superseded"]),
  operationId: z.string(),
  rows: z.array(z.number().int().nonnegative()),
  createdAt: z.string(),
});

/** All gone lists of a segment, by number. */
export async function goneLists(
  objects: ObjectAccess,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<GoneList[]> {
  const prefix = manifest.key.replace(/\.parquet$/, ".gone-");
  const lists: GoneList[] = [];
  for await (const object of objects.list(prefix, signal))
    if (object.key.endsWith(".json")) lists.push(await readJson(objects, object.key, goneSchema, signal));
  return lists.sort((a, b) => a.sequence - b.sequence);
}

/** Positions of all rows that a segment no longer owns. */
export async function goneRows(
  objects: ObjectAccess,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<Set<number>> {
  const gone = new Set<number>();
  for (const list of await goneLists(objects, manifest, signal)) for (const row of list.rows) gone.add(row);
  return gone;
}

/**
 * Takes rows from a segment by a new numbered list. Rows that were gone already are left out, so doing it again
 * adds nothing. Returns all gone rows of the segment, these included. Throws bad_input for a position outside.
 */
export async function appendGone(
  objects: ObjectAccess,
  manifest: Manifest,
  entry: { rows: readonly number[]; reason: GoneList["reason"]; operationId: string },
  signal: AbortSignal,
): Promise<Set<number>> {
  const outside = entry.rows.find((row) => !(Number.isInteger(row) && row >= 0 && row < manifest.rowCount));
  if (outside !== undefined)
    throw new StoreError("bad_input", `The segment ${manifest.key} has no row ${outside}.`, {
      details: { key: manifest.key, row: outside },
    });
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const lists = await goneLists(objects, manifest, signal);
    const gone = new Set(lists.flatMap((list) => list.rows));
    const rows = [...new Set(entry.rows)].filter((row) => !gone.has(row)).sort((a, b) => a - b);
    if (rows.length === 0) return gone;
    const sequence = (lists.at(-1)?.sequence ?? 0) + 1;
    if (await putList(objects, manifest, { ...entry, rows, sequence }, signal))
      return new Set([...gone, ...rows]);
  }
  throw new StoreError("conflict", `Too many operations change the segment ${manifest.key} at once.`, {
    details: { key: manifest.key },
    retryable: true,
  });
}

/** False when another writer took the number first. */
async function putList(
  objects: ObjectAccess,
  manifest: Manifest,
  entry: Pick<GoneList, "rows" | "reason" | "operationId" | "sequence">,
  signal: AbortSignal,
): Promise<boolean> {
  const list: GoneList = {
    format: "strata-gone/1",
    segmentId: manifest.segmentId,
    ...entry,
    createdAt: new Date().toISOString(),
  };
  try {
    await objects.put(goneKey(manifest.key, list.sequence), Buffer.from(`${JSON.stringify(list)}\n`), signal);
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === "conflict") return false;
    throw error;
  }
}

/**
 * Removes a segment that owns no row any more. The manifest goes first: from then on no reader sees the
 * segment, and a crash in between leaves orphans, never a manifest without its data. Gone lists go last, so
 * that no crash can bring a row back. Throws refused while a row is still owned.
 */
export async function retireSegment(
  objects: ObjectAccess,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<void> {
  const gone = await goneRows(objects, manifest, signal);
  if (gone.size < manifest.rowCount)
    throw new StoreError(
      "refused",
      `The segment ${manifest.key} still holds ${manifest.rowCount - gone.size} rows that are nowhere else. It stays.`,
      { details: { key: manifest.key, rows: manifest.rowCount - gone.size }, key: "segmentStillOwned" },
    );
  const keys = keysOfParquet(manifest.key);
  const lists = await goneLists(objects, manifest, signal);
  await objects.delete(keys.manifest, signal);
  await objects.delete(keys.parquet, signal);
  await objects.delete(keys.grams, signal);
  for (const list of lists) await objects.delete(goneKey(manifest.key, list.sequence), signal);
}
