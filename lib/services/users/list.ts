import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import type { Prisma } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";
import type { Actor, Role, UserDto } from "@/lib/schemas/user";
import { iso } from "@/lib/services/stored-json";

const FIELDS = {
  id: true,
  name: true,
  email: true,
  role: true,
  disabledAt: true,
  createdAt: true,
  sessions: { select: { updatedAt: true }, orderBy: { updatedAt: "desc" }, take: 1 },
} as const satisfies Prisma.UserSelect;

/** All accounts, by name. */
export async function listUsers(actor: Actor): Promise<UserDto[]> {
  authorize(actor, "user.manage");
  const rows = await db().user.findMany({ select: FIELDS, orderBy: [{ name: "asc" }, { id: "asc" }] });
  return rows.map(userDto);
}

/** One account, or `not_found`. For services: asks nothing about rights. */
export async function loadUser(userId: string): Promise<UserDto> {
  const row = await db().user.findUnique({ where: { id: userId }, select: FIELDS });
  if (row) return userDto(row);
  throw new AppError("not_found", "This account does not exist any more.", { key: "userGone" });
}

const userDto = (row: Prisma.UserGetPayload<{ select: typeof FIELDS }>): UserDto => ({
  userId: row.id,
  name: row.name,
  email: row.email,
  role: row.role as Role,
  disabledAt: iso(row.disabledAt),
  createdAt: row.createdAt.toISOString(),
  lastSeenAt: iso(row.sessions[0]?.updatedAt),
});
