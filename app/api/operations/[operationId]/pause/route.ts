import { route } from "@/lib/api/route";
import { pauseOperation } from "@/lib/services/operations/pause";

/** Asks the operation to pause. */
export const POST = route<{ operationId: string }>(({ actor, params }) => pauseOperation(actor, params));
