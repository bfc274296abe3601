import { resetPassword as resetAccountPassword } from "@/lib/auth/accounts";
import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { type Actor, type ResetPasswordInput, resetPasswordSchema } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { loadUser } from "@/lib/services/users/list";

/** Sets somebody's password and ends all sessions of that account. */
export async function resetPassword(actor: Actor, input: ResetPasswordInput): Promise<{ done: true }> {
  authorize(actor, "user.manage");
  const { userId, password } = parse(resetPasswordSchema, input);
  const user = await loadUser(userId);
  await db().$transaction(async (tx) => {
    await resetAccountPassword(tx, userId, password);
    await writeAudit(tx, actor, { action: "user.resetPassword", subject: user.email, subjectId: userId });
  });
  return { done: true };
}
