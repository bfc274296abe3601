import { setRole as setAccountRole } from "@/lib/auth/accounts";
import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { type Actor, type SetRoleInput, setRoleSchema, type UserDto } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { loadUser } from "@/lib/services/users/list";

/** Changes what somebody may do. Throws `conflict` when nobody would be left who can administer. */
export async function setRole(actor: Actor, input: SetRoleInput): Promise<UserDto> {
  authorize(actor, "user.manage");
  const { userId, role } = parse(setRoleSchema, input);
  const before = await loadUser(userId);
  await db().$transaction(async (tx) => {
    await setAccountRole(tx, userId, role);
    await writeAudit(tx, actor, {
      action: "user.setRole",
      subject: before.email,
      subjectId: userId,
      details: { from: before.role, to: role },
    });
  });
  return loadUser(userId);
}
