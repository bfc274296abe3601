import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import type { SegmentDto } from "@/lib/schemas/dataset";
import type { Actor } from "@/lib/schemas/user";

/** Where a segment lies and what proves it; null when the catalogue does not know it (any more). */
export async function getSegment(
  actor: Actor,
  { segmentId }: { segmentId: string },
): Promise<Pick<SegmentDto, "segmentId" | "storeName" | "key" | "sha256" | "month"> | null> {
  authorize(actor, "dataset.read");
  const row = await db().segment.findUnique({
    where: { id: segmentId },
    select: { id: true, key: true, sha256: true, month: true, store: { select: { name: true } } },
  });
  if (!row) return null;
  const { id, store, ...facts } = row;
  return { segmentId: id, storeName: store.name, ...facts };
}
