import { db } from "@/lib/control/database";
import { objectsOf } from "@/lib/operations/row-access";
import { goneRows } from "@/lib/segments/gone";
import { manifestSchema } from "@/lib/segments/manifest";
import { readSegment } from "@/lib/segments/read";
import type { Manifest } from "@/lib/segments/segment";
import { addDigests, type DigestSum, digestFromHex, emptyDigest, joinDigests } from "@/lib/stores/digest";
import type { ObjectAccess, Store } from "@/lib/stores/store";

/** The manifests of a dataset's segments as the catalogue knows them, oldest first. */
export async function coldSegments(datasetId: string): Promise<{ storeId: string; manifest: Manifest }[]> {
  const rows = await db().segment.findMany({
    where: { datasetId, state: "committed" },
    orderBy: [{ minTime: "asc" }, { id: "asc" }],
  });
  return rows.map((row) => ({ storeId: row.storeId, manifest: manifestSchema.parse(row.manifest) }));
}

/** Rows that the segments of a dataset own, with their digest; null when it has none. */
export async function countColdRows(
  datasetId: string,
  open: (storeId: string) => Promise<Store>,
  signal: AbortSignal,
): Promise<DigestSum | null> {
  const segments = await coldSegments(datasetId);
  if (segments.length === 0) return null;
  let total = emptyDigest();
  for (const { storeId, manifest } of segments) {
    const objects = objectsOf(await open(storeId), storeId);
    total = joinDigests(total, await ownedSum(objects, manifest, signal));
  }
  return total;
}

/** The rows a segment owns: all of it by its manifest, or, where some are gone, read from the file. */
export async function ownedSum(
  objects: ObjectAccess,
  manifest: Manifest,
  signal: AbortSignal,
): Promise<DigestSum> {
  const gone = await goneRows(objects, manifest, signal);
  if (gone.size === 0) return digestFromHex(BigInt(manifest.rowCount), manifest.digest);
  let sum = emptyDigest();
  for await (const batch of readSegment(objects, manifest, { columns: [], check: "size" }, signal)) {
    sum = addDigests(sum, batch.digests);
  }
  return sum;
}
