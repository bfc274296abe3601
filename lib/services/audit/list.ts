import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import type { Prisma } from "@/lib/control/prisma/client/client";
import { type AuditDto, type AuditOutcome, type ListAuditInput, listAuditSchema } from "@/lib/schemas/audit";
import type { Page } from "@/lib/schemas/page";
import type { Actor } from "@/lib/schemas/user";
import { decodeCursor, encodeCursor } from "@/lib/services/cursor";
import { parse } from "@/lib/services/parse";
import { stored } from "@/lib/services/stored-json";

const PAGES: Record<string, string> = { store: "stores", dataset: "datasets", operation: "operations" };

/** The audit log, newest first. `action` matches its beginning, so that `operation.` finds all of them. */
export async function listAudit(actor: Actor, input: ListAuditInput): Promise<Page<AuditDto>> {
  authorize(actor, "audit.read");
  const { cursor, limit, ...filters } = parse(listAuditSchema, input);
  const after = decodeCursor(cursor, 1)?.[0];
  const where: Prisma.AuditEntryWhereInput = {
    ...(filters.action ? { action: { startsWith: filters.action } } : {}),
    ...(filters.actor ? { actorName: { contains: filters.actor, mode: "insensitive" } } : {}),
    ...(filters.subject ? { subject: { contains: filters.subject, mode: "insensitive" } } : {}),
    ...(filters.outcome ? { outcome: filters.outcome } : {}),
    at: { ...(filters.from ? { gte: filters.from } : {}), ...(filters.until ? { lt: filters.until } : {}) },
    // Ids grow with time, so they are the keyset.
    ...(after && /^\d{1,18}$/.test(after) ? { id: { lt: BigInt(after) } } : {}),
  };
  const rows = await db().auditEntry.findMany({ where, orderBy: { id: "desc" }, take: limit + 1 });
  const items = rows.slice(0, limit).map((row) => ({
    auditId: row.id.toString(),
    at: row.at.toISOString(),
    actorName: row.actorName,
    action: row.action,
    subject: row.subject,
    subjectId: row.subjectId,
    href: hrefOf(row.action, row.subjectId),
    reason: row.reason,
    details: stored<Record<string, unknown>>(row.details) ?? {},
    outcome: row.outcome as AuditOutcome,
  }));
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? encodeCursor([last.auditId]) : null };
}

function hrefOf(action: string, subjectId: string | null): string | null {
  const [entity = "", verb = ""] = action.split(".");
  const page = PAGES[entity];
  if (!page || !subjectId || verb === "delete" || verb === "remove") return null;
  return `/${page}/${subjectId}`;
}
