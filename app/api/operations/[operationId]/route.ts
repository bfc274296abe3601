import { route } from "@/lib/api/route";
import { getOperation } from "@/lib/services/operations/get";

/** One operation. */
export const GET = route<{ operationId: string }>(({ actor, params }) => getOperation(actor, params));
