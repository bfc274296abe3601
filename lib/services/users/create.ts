import { createUser as createAccount } from "@/lib/auth/accounts";
import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { type Actor, type CreateUserInput, createUserSchema, type UserDto } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { loadUser } from "@/lib/services/users/list";

/** Makes an account. Throws `conflict` (field email) when the address is taken. */
export async function createUser(actor: Actor, input: CreateUserInput): Promise<UserDto> {
  authorize(actor, "user.manage");
  const user = parse(createUserSchema, input);
  const userId = await db().$transaction(async (tx) => {
    const id = await createAccount(tx, user);
    await writeAudit(tx, actor, {
      action: "user.create",
      subject: user.email,
      subjectId: id,
      details: { role: user.role },
    });
    return id;
  });
  return loadUser(userId);
}
