import { authorize } from "@/lib/auth/authorize";
import { setThrottle as set } from "@/lib/operations/control";
import { type OperationDetailDto, type SetThrottleInput, setThrottleSchema } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { operationActor } from "@/lib/services/operations/actor";
import { getOperation } from "@/lib/services/operations/get";
import { parse } from "@/lib/services/parse";

/** Changes how fast an operation works, while it does; takes effect within two seconds. */
export async function setThrottle(actor: Actor, input: SetThrottleInput): Promise<OperationDetailDto> {
  authorize(actor, "operation.run");
  const { operationId, throttle } = parse(setThrottleSchema, input);
  await set(operationId, throttle, operationActor(actor));
  return getOperation(actor, { operationId });
}
