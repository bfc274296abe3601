import { AppError } from "@/lib/errors";
import { type Actor, ROLES, type Role } from "@/lib/schemas/user";

/** Whether a role may do what another one may: viewer < operator < admin. */
export const roleAllows = (has: Role, needed: Role): boolean => ROLES.indexOf(has) >= ROLES.indexOf(needed);

/** First line of every service. Throws `forbidden` when the actor's role does not reach. */
export function allow(actor: Actor, needed: Role): void {
  if (roleAllows(actor.role, needed)) return;
  throw new AppError(
    "forbidden",
    `This needs the role ${needed}; you are signed in as ${actor.role}. Nothing was changed. Ask an administrator.`,
    { key: "forbidden", details: { needed, has: actor.role } },
  );
}
