import { authorize } from "@/lib/auth/authorize";
import { makePlan } from "@/lib/operations/plans";
import { type PlanDto, type PlanInput, planInputSchema } from "@/lib/schemas/plan";
import type { Actor } from "@/lib/schemas/user";
import { operationActor } from "@/lib/services/operations/actor";
import { parse } from "@/lib/services/parse";

/** Makes and stores the dry run of an operation. Writes nothing to any store; within a minute or `timeout`. */
export async function createPlan(actor: Actor, input: PlanInput): Promise<PlanDto> {
  authorize(actor, "operation.plan");
  return makePlan(parse(planInputSchema, input), operationActor(actor));
}
