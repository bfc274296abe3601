import { archiveBasis, planArchive } from "@/lib/operations/archive/plan";
import { stoppedArchive } from "@/lib/operations/archive/stopped";
import { coldProof, coldSteps, settleCold, tidyUp } from "@/lib/operations/archive/to-cold";
import { tableProof, tableSteps } from "@/lib/operations/archive/to-table";
import type { Operation } from "@/lib/operations/operation";
import { type ArchiveParams, archiveParamsSchema } from "@/lib/schemas/plan";

/**
 * Moves the rows of a family below a cut-off to its archive tables, or to segments in an object store. Of a store
 * whose rows leave by expiry they are copied: they stay there until it drops them.
 */
export const archiveOperation: Operation<ArchiveParams> = {
  kind: "archive",
  params: archiveParamsSchema,
  requires: ({ target }, { leavesBy }) => {
    if (target.tier === "archive") return ["moveRows"];
    return leavesBy === "expiry" ? ["rows"] : ["rows", "deleteRows"];
  },
  destructive: () => true,
  plan: planArchive,
  basis: archiveBasis,
  steps: ({ target }) => (target.tier === "archive" ? [tidyUp, ...tableSteps] : coldSteps),
  async settle(context, params) {
    return params.target.tier === "cold" ? settleCold(context, params) : {};
  },
  proof: (context, params) =>
    params.target.tier === "archive" ? tableProof(context, params) : coldProof(context, params),
  stopped: stoppedArchive,
};
