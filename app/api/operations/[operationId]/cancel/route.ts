import { route } from "@/lib/api/route";
import { cancelOperation } from "@/lib/services/operations/cancel";

/** Asks the operation to cancel. */
export const POST = route<{ operationId: string }>(({ actor, params }) => cancelOperation(actor, params));
