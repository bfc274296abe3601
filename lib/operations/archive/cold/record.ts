import type { ColdJob } from "@/lib/operations/archive/cold/job";
import { recordSegment } from "@/lib/segments/catalogue";
import type { Manifest } from "@/lib/segments/segment";

/** Puts committed segments into the catalogue; harmless when repeated. */
export async function recordSegments(
  job: ColdJob,
  segments: readonly { manifest: Manifest; member: number }[],
): Promise<void> {
  for (const { manifest, member } of segments) {
    const datasetId = job.family.members[member]?.datasetId ?? "";
    await recordSegment(manifest, { storeId: job.targetStoreId, datasetId });
  }
}
