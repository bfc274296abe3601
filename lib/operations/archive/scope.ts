import { toUs } from "@/lib/datasets/cutoff";
import { type Family, familyScope, loadFamily } from "@/lib/datasets/family";
import type { StepContext } from "@/lib/operations/operation";
import type { ArchiveParams } from "@/lib/schemas/plan";
import type { FamilyScope } from "@/lib/stores/rows";

export interface ArchiveScope {
  family: Family;
  hot: FamilyScope;
  cutoffUs: bigint;
}

/** What an archive moves: the family's rows below the cut-off that its plan resolved. */
export async function archiveScope(context: StepContext, params: ArchiveParams): Promise<ArchiveScope> {
  const family = await loadFamily(params.datasetId);
  if (!context.plan.cutoffAt) throw new Error("an archive's plan has a cut-off");
  const cutoffUs = toUs(new Date(context.plan.cutoffAt));
  return { family, hot: familyScope(family, "hot", { fromUs: null, untilUs: cutoffUs }), cutoffUs };
}
