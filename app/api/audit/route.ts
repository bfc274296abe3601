import { route } from "@/lib/api/route";
import { listAuditSchema } from "@/lib/schemas/audit";
import { listAudit } from "@/lib/services/audit/list";
import { parse } from "@/lib/services/parse";

/** The audit log, newest first. */
export const GET = route(({ actor, query }) => listAudit(actor, parse(listAuditSchema, query)));
