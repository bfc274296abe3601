import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { csvLine } from "@/lib/format/csv";
import { type AuditDto, type ExportAuditInput, exportAuditSchema } from "@/lib/schemas/audit";
import type { Actor } from "@/lib/schemas/user";
import { listAudit } from "@/lib/services/audit/list";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";

const PAGE_ROWS = 200;
const COLUMNS = ["time", "who", "action", "subject", "subjectId", "reason", "outcome", "details"] as const;

export interface AuditExport {
  name: string;
  type: string;
  chunks: AsyncIterable<string>;
}

/**
 * The whole audit log as far as the filters let it through, newest first, as CSV that is made while it is read: one
 * page of 200 entries in memory. Entries written meanwhile are not in it, but the export itself is: it is noted first.
 */
export async function exportAudit(actor: Actor, input: ExportAuditInput): Promise<AuditExport> {
  authorize(actor, "audit.read");
  const filters = parse(exportAuditSchema, input);
  await writeAudit(db(), actor, { action: "audit.export", subject: "*", details: filters });
  const day = new Date().toISOString().slice(0, 10);
  return { name: `strata-audit-${day}.csv`, type: "text/csv; charset=utf-8", chunks: lines(actor, filters) };
}

async function* lines(actor: Actor, filters: ExportAuditInput): AsyncGenerator<string> {
  yield csvLine(COLUMNS);
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<typeof listAudit>> = await listAudit(actor, {
      ...filters,
      limit: PAGE_ROWS,
      ...(cursor ? { cursor } : {}),
    });
    if (page.items.length > 0) yield page.items.map(lineOf).join("");
    cursor = page.next;
  } while (cursor);
}

const lineOf = (entry: AuditDto): string =>
  csvLine([
    entry.at,
    entry.actorName,
    entry.action,
    entry.subject,
    entry.subjectId,
    entry.reason,
    entry.outcome,
    JSON.stringify(entry.details),
  ]);
