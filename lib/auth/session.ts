import { auth } from "@/lib/auth/auth";
import { asControlError } from "@/lib/control/database";
import { type Actor, ROLES, type Role } from "@/lib/schemas/user";

export interface SignedIn extends Actor {
  userId: string;
  email: string;
}

/** Who sent these headers, or null. A role or account that was changed counts from the next call on. */
export async function currentUser(headers: Headers): Promise<SignedIn | null> {
  if (!headers.get("cookie")) return null;
  try {
    const found = await auth().api.getSession({ headers });
    if (!found || found.user.disabledAt) return null;
    const { id: userId, name, email } = found.user;
    return { userId, name, email, role: roleOf(found.user.role) };
  } catch (error) {
    throw asControlError(error);
  }
}

/** A role that this version does not know gives the least rights. */
const roleOf = (stored: string): Role => ROLES.find((role) => role === stored) ?? "viewer";
