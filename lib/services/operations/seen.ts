import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { operationIdSchema } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";

/** Marks a failed operation as looked at: its red dot goes. Idempotent; not an effect worth an audit line. */
export async function seenOperation(actor: Actor, input: { operationId: string }): Promise<{ seen: true }> {
  authorize(actor, "operation.read");
  const { operationId } = parse(operationIdSchema, input);
  await db().operation.updateMany({
    where: { id: operationId, seenAt: null, endedAt: { not: null } },
    data: { seenAt: new Date() },
  });
  return { seen: true };
}
