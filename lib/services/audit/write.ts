import type { Db } from "@/lib/control/database";
import type { AuditOutcome } from "@/lib/schemas/audit";
import type { Actor } from "@/lib/schemas/user";
import { toJson } from "@/lib/services/stored-json";

export interface AuditNote {
  /** `entity.verb` */
  action: string;
  /** What it was done to, by name. */
  subject: string;
  subjectId?: string | null;
  reason?: string | null;
  /** Facts worth keeping; never secrets. */
  details?: Record<string, unknown>;
  outcome?: AuditOutcome;
}

/** An entry as its row, without time and number. */
export const auditRow = (note: AuditNote, actor: Actor) => ({
  actorId: actor.userId,
  actorName: actor.name,
  action: note.action,
  subject: note.subject,
  subjectId: note.subjectId ?? null,
  reason: note.reason ?? null,
  details: toJson(note.details ?? {}),
  outcome: note.outcome ?? "done",
});

/** Writes one line of the audit log. Pass the transaction of the thing it records, so that both stand or fall. */
export async function writeAudit(db: Db, actor: Actor, note: AuditNote): Promise<void> {
  await db.auditEntry.create({ data: auditRow(note, actor) });
}
