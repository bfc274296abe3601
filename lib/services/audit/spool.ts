import { randomUUID } from "node:crypto";
import { z } from "zod";
import { db, isControlAway } from "@/lib/control/database";
import type { Prisma } from "@/lib/control/prisma/client/client";
import type { Actor } from "@/lib/schemas/user";
import { type AuditNote, auditRow } from "@/lib/services/audit/write";
import { Spool } from "@/lib/spool/spool";

export const AUDIT_SPOOL = "audit";

const entrySchema = z.object({
  spoolId: z.string(),
  at: z.coerce.date(),
  row: z.object({
    actorId: z.string().nullable(),
    actorName: z.string(),
    action: z.string(),
    subject: z.string(),
    subjectId: z.string().nullable(),
    reason: z.string().nullable(),
    details: z.custom<Prisma.InputJsonValue>((value) => typeof value === "object" && value !== null),
    outcome: z.string(),
  }),
});
type Entry = z.infer<typeof entrySchema>;

export const auditSpool = new Spool<Entry>({
  kind: AUDIT_SPOOL,
  schema: entrySchema,
  isAway: isControlAway,
  async deliver(entries) {
    for (const { spoolId, at, row } of entries) {
      await db().auditEntry.createMany({ data: { ...row, at, spoolId }, skipDuplicates: true });
    }
  },
});

/**
 * An entry about something that changes nothing in the control DB, so that no transaction carries it. While the
 * control DB is away it waits on this machine's disk, with the time at which it happened.
 */
export async function keepAudit(note: AuditNote, actor: Actor): Promise<void> {
  await auditSpool.send([{ spoolId: randomUUID(), at: new Date(), row: auditRow(note, actor) }]);
}
