import { authorize } from "@/lib/auth/authorize";
import { cancelOperation as cancel } from "@/lib/operations/control";
import { type OperationDetailDto, operationIdSchema } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { operationActor } from "@/lib/services/operations/actor";
import { getOperation } from "@/lib/services/operations/get";
import { parse } from "@/lib/services/parse";

/** Ends it after the current batch; what was done stays proved and findable. Throws `conflict` when its state does not allow it. */
export async function cancelOperation(
  actor: Actor,
  input: { operationId: string },
): Promise<OperationDetailDto> {
  authorize(actor, "operation.run");
  const { operationId } = parse(operationIdSchema, input);
  await cancel(operationId, operationActor(actor));
  return getOperation(actor, { operationId });
}
