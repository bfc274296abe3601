import { authorize } from "@/lib/auth/authorize";
import { resumeOperation as resume } from "@/lib/operations/control";
import { type OperationDetailDto, operationIdSchema } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { operationActor } from "@/lib/services/operations/actor";
import { getOperation } from "@/lib/services/operations/get";
import { parse } from "@/lib/services/parse";

/** Goes on where it stopped. Throws `conflict` when its state does not allow it. */
export async function resumeOperation(
  actor: Actor,
  input: { operationId: string },
): Promise<OperationDetailDto> {
  authorize(actor, "operation.run");
  const { operationId } = parse(operationIdSchema, input);
  await resume(operationId, operationActor(actor));
  return getOperation(actor, { operationId });
}
