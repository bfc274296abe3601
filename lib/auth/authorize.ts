import { AppError } from "@/lib/errors";
import type { Actor, Role } from "@/lib/schemas/user";

/** The least role that may do it. Every page, action, route and stream asks for one of these. */
const LEAST_ROLE = {
  "overview.read": "viewer",
  "store.read": "viewer",
  "dataset.read": "viewer",
  "operation.read": "viewer",
  "metrics.read": "viewer",
  "search.read": "viewer",
  "search.export": "viewer",
  "audit.read": "viewer",
  "settings.read": "viewer",
  "account.write": "viewer",
  // Both make Strata go to other machines, for as long as these take.
  "store.check": "operator",
  "catalogue.compare": "operator",
  "dataset.write": "operator",
  "operation.plan": "operator",
  "operation.run": "operator",
  "store.write": "admin",
  "catalogue.rebuild": "admin",
  "settings.write": "admin",
  "user.manage": "admin",
} as const satisfies Record<string, Role>;

export type Permission = keyof typeof LEAST_ROLE;

export const PERMISSIONS = Object.keys(LEAST_ROLE) as Permission[];

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };

/** Whether a role may do it: for a screen that says why a button is off. The lock is `authorize`. */
export const allows = (role: Role, permission: Permission): boolean =>
  RANK[role] >= RANK[LEAST_ROLE[permission]];

/** Returns the actor, now known. Throws `unauthenticated` for nobody, `forbidden` when the role does not reach. */
export function authorize<A extends Actor>(actor: A | null, permission: Permission): A {
  if (!actor) throw unauthenticated();
  if (allows(actor.role, permission)) return actor;
  const needed = LEAST_ROLE[permission];
  throw new AppError(
    "forbidden",
    `Your role is ${actor.role}; this needs the role ${needed}. Nothing was done. An administrator can change your role.`,
    { key: "forbidden", details: { role: actor.role, needed, permission } },
  );
}

export const unauthenticated = (): AppError =>
  new AppError("unauthenticated", "You are not signed in. Nothing was done; sign in and try again.", {
    key: "unauthenticated",
  });
