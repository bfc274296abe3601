import { authorize } from "@/lib/auth/authorize";
import { pauseOperation as pause } from "@/lib/operations/control";
import { type OperationDetailDto, operationIdSchema } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { operationActor } from "@/lib/services/operations/actor";
import { getOperation } from "@/lib/services/operations/get";
import { parse } from "@/lib/services/parse";

/** Pauses after the current batch, within two seconds. Throws `conflict` when its state does not allow it. */
export async function pauseOperation(
  actor: Actor,
  input: { operationId: string },
): Promise<OperationDetailDto> {
  authorize(actor, "operation.run");
  const { operationId } = parse(operationIdSchema, input);
  await pause(operationId, operationActor(actor));
  return getOperation(actor, { operationId });
}
