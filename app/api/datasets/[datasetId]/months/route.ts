import { route } from "@/lib/api/route";
import { getMonths } from "@/lib/services/datasets/months";

/** Rows and bytes by month over all tiers. */
export const GET = route<{ datasetId: string }>(({ actor, params }) => getMonths(actor, params));
