import type { OperationKind, PlanBody } from "@/lib/schemas/plan";

/** A plan that moves nothing: what a kind fills in where it has something to say. */
export const emptyPlan = (kind: OperationKind, datasetName: string, storeName: string): PlanBody => ({
  kind,
  datasetName,
  storeName,
  targetName: null,
  cutoffAt: null,
  exact: true,
  rowCount: 0,
  sizeBytes: 0,
  members: [],
  statements: [],
  locks: [],
  risks: [],
  estimate: null,
  space: { freeBytes: null, reusableBytes: 0, returnedBytes: 0, targetBytes: 0 },
  undo: { key: "undoNothing", details: {} },
  conflicts: [],
  basis: {},
});
