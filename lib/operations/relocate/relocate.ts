import { loadFamily } from "@/lib/datasets/family";
import type { Operation, StepContext } from "@/lib/operations/operation";
import { planRelocate, relocateBasis } from "@/lib/operations/relocate/plan";
import {
  type CopyCursor,
  copySchema,
  deleteSchema,
  jobOf,
  ownMoves,
  relocateSteps,
  settleRelocate,
} from "@/lib/operations/relocate/steps";
import { loadSum, proofLine } from "@/lib/operations/sums";
import type { Proof } from "@/lib/schemas/operation";
import { type RelocateParams, relocateParamsSchema } from "@/lib/schemas/plan";
import { emptyDigest } from "@/lib/stores/digest";

/** Moves the cold tier of a family from one object store to another. Searches go on meanwhile; nothing is rewritten. */
export const relocateOperation: Operation<RelocateParams> = {
  kind: "relocate",
  params: relocateParamsSchema,
  requires: () => [],
  destructive: () => true,
  plan: planRelocate,
  basis: relocateBasis,
  steps: () => relocateSteps,
  settle: settleRelocate,
  proof: relocateProof,
  async stopped(context, params) {
    return { ...(await relocateProof(context, params)), complete: false };
  },
};

/** Source: what the manifests of the old store say of the bytes that were copied. Target: what was read back from the new one. */
async function relocateProof(context: StepContext, params: RelocateParams): Promise<Proof> {
  const family = await loadFamily(params.datasetId);
  const sums = (step: string): CopyCursor["sums"] =>
    copySchema.safeParse(context.cursors[step]).data?.sums ?? [];
  const [copied, proved] = [sums("copySegments"), sums("verifySegments")];
  const side = (of: CopyCursor["sums"], member: number) => {
    const sum = of[member];
    return sum ? loadSum(sum) : emptyDigest();
  };
  const lines = family.members.map(({ name }, at) => proofLine(name, side(copied, at), side(proved, at)));
  const job = await jobOf(context, params);
  const moves = await ownMoves(context, params, job);
  const inTarget = moves.filter(({ storeId }) => storeId === params.to);
  const left = deleteSchema.safeParse(context.cursors.deleteOld).data?.left.length ?? 0;
  return {
    lines,
    segments: inTarget.map(({ segmentId, manifest }) => ({
      segmentId,
      key: manifest.key,
      rowCount: String(manifest.rowCount),
      sizeBytes: String(manifest.sizeBytes),
      sha256: manifest.sha256,
      digest: manifest.digest,
    })),
    kept: [],
    facts: [
      { key: "relocatedSegments", before: String(moves.length), after: String(inTarget.length) },
      { key: "coldStore", before: job.names.from, after: job.names.to },
    ],
    notes: left > 0 ? ["oldCopiesStay"] : [],
    complete: lines.every(({ equal }) => equal) && inTarget.length === moves.length,
    madeAt: new Date().toISOString(),
  };
}
