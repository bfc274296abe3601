import { authorize } from "@/lib/auth/authorize";
import { startOperation as start } from "@/lib/operations/start";
import { type StartOperationInput, startOperationSchema } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { operationActor } from "@/lib/services/operations/actor";
import { parse } from "@/lib/services/parse";

/** Runs a plan. Throws `bad_input` (confirm, reason), `stale_plan` with the changes, `conflict`, `refused`. */
export async function startOperation(
  actor: Actor,
  input: StartOperationInput,
): Promise<{ operationId: string }> {
  authorize(actor, "operation.run");
  return start({ ...parse(startOperationSchema, input), actor: operationActor(actor) });
}
