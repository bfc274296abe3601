import { route } from "@/lib/api/route";
import { getPlan } from "@/lib/services/plans/get";

/** A stored plan. */
export const GET = route<{ planId: string }>(({ actor, params }) => getPlan(actor, params));
