import { authorize } from "@/lib/auth/authorize";
import { SAMPLE_SPOOL } from "@/lib/metrics/write";
import type { SpoolDto } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { AUDIT_SPOOL } from "@/lib/services/audit/spool";
import { spoolState } from "@/lib/spool/spool-folder";

/** What waits on this machine's disk for a database that was away, by kind; only kinds that hold something. */
export async function listSpools(actor: Actor): Promise<SpoolDto[]> {
  authorize(actor, "operation.read");
  const states = await Promise.all([SAMPLE_SPOOL, AUDIT_SPOOL].map(spoolState));
  return states.filter((state) => state.waiting > 0 || state.damaged > 0);
}
