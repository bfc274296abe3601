import { changePassword as changeAccountPassword } from "@/lib/auth/accounts";
import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { type Actor, type ChangePasswordInput, changePasswordSchema } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { ownId } from "@/lib/services/users/me";

/** Changes one's own password; all sessions of the account end, this one too. */
export async function changePassword(actor: Actor, input: ChangePasswordInput): Promise<{ done: true }> {
  authorize(actor, "account.write");
  const passwords = parse(changePasswordSchema, input);
  const userId = ownId(actor);
  await db().$transaction(async (tx) => {
    await changeAccountPassword(tx, userId, passwords);
    await writeAudit(tx, actor, { action: "user.changePassword", subject: actor.name, subjectId: userId });
  });
  return { done: true };
}
