import { disableUser as disableAccount } from "@/lib/auth/accounts";
import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { type Actor, type DisableUserInput, disableUserSchema, type UserDto } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { loadUser } from "@/lib/services/users/list";

/** Closes an account and ends its sessions at once, or opens it again. */
export async function disableUser(actor: Actor, input: DisableUserInput): Promise<UserDto> {
  authorize(actor, "user.manage");
  const { userId, disabled } = parse(disableUserSchema, input);
  const before = await loadUser(userId);
  await db().$transaction(async (tx) => {
    await disableAccount(tx, userId, disabled);
    await writeAudit(tx, actor, {
      action: disabled ? "user.disable" : "user.enable",
      subject: before.email,
      subjectId: userId,
    });
  });
  return loadUser(userId);
}
