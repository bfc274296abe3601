import { route } from "@/lib/api/route";
import { planInputSchema } from "@/lib/schemas/plan";
import { parse } from "@/lib/services/parse";
import { createPlan } from "@/lib/services/plans/create";

/** Makes a plan: `{ kind, params }`. Writes nothing to any store. */
export const POST = route(async ({ actor, body }) => createPlan(actor, parse(planInputSchema, await body())));
