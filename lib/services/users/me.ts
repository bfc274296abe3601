import { allows, authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { AppError } from "@/lib/errors";
import { type Actor, type MeDto, type UpdateMeInput, updateMeSchema } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { loadUser } from "@/lib/services/users/list";

/** The account of an actor; the command line has none. */
export function ownId(actor: Actor): string {
  if (actor.userId) return actor.userId;
  throw new AppError("refused", "The command line has no account of its own. Do this in the browser.", {
    key: "noAccount",
  });
}

/** Oneself, and what one may do. */
export async function getMe(actor: Actor): Promise<MeDto> {
  authorize(actor, "account.write");
  const user = await loadUser(ownId(actor));
  return {
    ...user,
    can: { operate: allows(user.role, "operation.run"), administer: allows(user.role, "store.write") },
  };
}

/** Changes one's own name. */
export async function updateMe(actor: Actor, input: UpdateMeInput): Promise<MeDto> {
  authorize(actor, "account.write");
  const { name } = parse(updateMeSchema, input);
  const userId = ownId(actor);
  await db().$transaction(async (tx) => {
    await tx.user.update({ where: { id: userId }, data: { name } });
    await writeAudit(tx, actor, { action: "user.rename", subject: name, subjectId: userId });
  });
  return getMe({ ...actor, name });
}
