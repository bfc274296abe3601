import type { Operation } from "@/lib/operations/operation";
import { planRestore, restoreBasis } from "@/lib/operations/restore/plan";
import { restoreProof, restoreSteps, settleRestore, stoppedRestore } from "@/lib/operations/restore/steps";
import { type RestoreParams, restoreParamsSchema } from "@/lib/schemas/plan";

/** Brings rows of a colder tier back into the hot tables, families whole. Conflicts stay where they are. */
export const restoreOperation: Operation<RestoreParams> = {
  kind: "restore",
  params: restoreParamsSchema,
  requires: () => ["rows"],
  destructive: () => true,
  plan: planRestore,
  basis: restoreBasis,
  steps: restoreSteps,
  settle: settleRestore,
  proof: restoreProof,
  stopped: stoppedRestore,
};
