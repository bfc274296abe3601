import { authorize } from "@/lib/auth/authorize";
import { readPlan } from "@/lib/operations/plans";
import { type PlanDto, planIdSchema } from "@/lib/schemas/plan";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";

/** A stored plan; its state says whether it can still be run. */
export async function getPlan(actor: Actor, input: { planId: string }): Promise<PlanDto> {
  authorize(actor, "operation.read");
  const { planId } = parse(planIdSchema, input);
  return readPlan(planId);
}
