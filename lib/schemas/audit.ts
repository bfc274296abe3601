import { z } from "zod";
import { instantSchema, pageInputSchema } from "@/lib/schemas/page";

export const AUDIT_OUTCOMES = ["done", "refused", "failed"] as const;
export type AuditOutcome = (typeof AUDIT_OUTCOMES)[number];

export interface AuditDto {
  auditId: string;
  at: string;
  actorName: string;
  /** `entity.verb`, e.g. `operation.start`; words under `audit.actions.` in the messages. */
  action: string;
  subject: string;
  subjectId: string | null;
  /** Where the subject can be seen, when it still exists as a page. */
  href: string | null;
  reason: string | null;
  details: Record<string, unknown>;
  outcome: AuditOutcome;
}

export const listAuditSchema = pageInputSchema.extend({
  action: z.string().max(100).optional(),
  actor: z.string().max(200).optional(),
  subject: z.string().max(200).optional(),
  outcome: z.enum(AUDIT_OUTCOMES).optional(),
  from: instantSchema.optional(),
  until: instantSchema.optional(),
});
/** The filters of the list: an export has all pages. */
export const exportAuditSchema = listAuditSchema.omit({ cursor: true, limit: true });
export type ExportAuditInput = z.input<typeof exportAuditSchema>;
export type ListAuditInput = z.input<typeof listAuditSchema>;
