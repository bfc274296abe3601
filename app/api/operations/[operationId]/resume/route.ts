import { route } from "@/lib/api/route";
import { resumeOperation } from "@/lib/services/operations/resume";

/** Asks the operation to resume. */
export const POST = route<{ operationId: string }>(({ actor, params }) => resumeOperation(actor, params));
