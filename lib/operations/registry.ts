import { archiveOperation } from "@/lib/operations/archive/archive";
import { countOperation } from "@/lib/operations/count/count";
import type { Operation } from "@/lib/operations/operation";
import { optimizeOperation } from "@/lib/operations/optimize/optimize";
import { relocateOperation } from "@/lib/operations/relocate/relocate";
import { restoreOperation } from "@/lib/operations/restore/restore";
import type { OperationKind } from "@/lib/schemas/plan";

const OPERATIONS: Record<OperationKind, Operation<unknown>> = {
  archive: archiveOperation,
  restore: restoreOperation,
  optimize: optimizeOperation,
  count: countOperation,
  relocate: relocateOperation,
};

/** The operation of a kind. Throws for a kind that only a newer version of Strata knows. */
export function operationOf(kind: string): Operation<unknown> {
  const found = Object.entries(OPERATIONS).find(([name]) => name === kind);
  if (!found) throw new Error(`This version of Strata has no operation "${kind}"`);
  return found[1];
}
