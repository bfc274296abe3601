import { route } from "@/lib/api/route";
import { listRates } from "@/lib/services/operations/rates";

/** Speed over the whole run. */
export const GET = route<{ operationId: string }>(({ actor, params }) => listRates(actor, params));
