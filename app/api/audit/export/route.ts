import { download } from "@/lib/api/download";
import { route } from "@/lib/api/route";
import { exportAuditSchema } from "@/lib/schemas/audit";
import { exportAudit } from "@/lib/services/audit/export";
import { parse } from "@/lib/services/parse";

/** The audit log as CSV that streams: everything that the filters let through, newest first. */
export const GET = route(async ({ actor, query }) => {
  const { chunks, ...file } = await exportAudit(actor, parse(exportAuditSchema, query));
  return download(chunks, file);
});
