import { randomUUID } from "node:crypto";
import { hashPassword, verifyPassword } from "better-auth/crypto";
import type { Prisma } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";
import type { CreateUserInput, Role } from "@/lib/schemas/user";

/** All of these run in the caller's transaction, so that the audit entry stands or falls with them. */
type Tx = Prisma.TransactionClient;

/** Any fixed number. Changes that could take away the last administrator wait for each other on it. */
const ADMINS_LOCK = 7_270_736_902;

/** Makes an account and returns its id. Throws `conflict` (field email) when the address is taken. */
export async function createUser(tx: Tx, input: CreateUserInput): Promise<string> {
  const email = input.email.trim().toLowerCase();
  if (await tx.user.findUnique({ where: { email }, select: { id: true } })) {
    const sentence = "There is already an account with this address.";
    throw new AppError("conflict", sentence, { key: "emailTaken", fields: { email: sentence } });
  }
  const userId = randomUUID();
  await tx.user.create({
    data: { id: userId, name: input.name.trim(), email, role: input.role, emailVerified: true },
  });
  await tx.account.create({
    data: {
      id: randomUUID(),
      userId,
      accountId: userId,
      providerId: "credential",
      password: await hashPassword(input.password),
    },
  });
  return userId;
}

/** Throws `not_found`, or `conflict` when it would leave nobody who can administer. */
export async function setRole(tx: Tx, userId: string, role: Role): Promise<void> {
  if (role !== "admin") await keepOneAdmin(tx, userId);
  else await findUser(tx, userId);
  await tx.user.update({ where: { id: userId }, data: { role } });
}

/** Disables an account and ends its sessions at once; `disabled: false` opens it again. Errors as setRole. */
export async function disableUser(tx: Tx, userId: string, disabled: boolean): Promise<void> {
  if (disabled) await keepOneAdmin(tx, userId);
  else await findUser(tx, userId);
  await tx.user.update({ where: { id: userId }, data: { disabledAt: disabled ? new Date() : null } });
  if (disabled) await tx.session.deleteMany({ where: { userId } });
}

/** Changes one's own password; ends the other sessions. Throws `bad_input` when the current one is wrong. */
export async function changePassword(
  tx: Tx,
  userId: string,
  input: { currentPassword: string; password: string; keepSessionToken?: string },
): Promise<void> {
  const account = await tx.account.findFirst({ where: { userId, providerId: "credential" } });
  if (
    !account?.password ||
    !(await verifyPassword({ hash: account.password, password: input.currentPassword }))
  ) {
    const sentence = "The current password is not right. Nothing was changed.";
    throw new AppError("bad_input", sentence, {
      key: "wrongPassword",
      fields: { currentPassword: sentence },
    });
  }
  await storePassword(tx, userId, input.password);
  await tx.session.deleteMany({ where: { userId, NOT: { token: input.keepSessionToken ?? "" } } });
}

/** Sets somebody's password as an administrator; ends all sessions of that account. */
export async function resetPassword(tx: Tx, userId: string, password: string): Promise<void> {
  await findUser(tx, userId);
  await storePassword(tx, userId, password);
  await tx.session.deleteMany({ where: { userId } });
}

async function storePassword(tx: Tx, userId: string, password: string): Promise<void> {
  const hash = await hashPassword(password);
  await tx.account.updateMany({ where: { userId, providerId: "credential" }, data: { password: hash } });
}

async function findUser(tx: Tx, userId: string) {
  const user = await tx.user.findUnique({ where: { id: userId } });
  if (user) return user;
  throw new AppError("not_found", "This account does not exist any more.", { key: "userGone" });
}

async function keepOneAdmin(tx: Tx, userId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADMINS_LOCK}::bigint)`;
  const user = await findUser(tx, userId);
  if (user.role !== "admin" || user.disabledAt) return;
  const others = await tx.user.count({ where: { role: "admin", disabledAt: null, NOT: { id: userId } } });
  if (others > 0) return;
  throw new AppError(
    "conflict",
    `${user.name} is the only administrator. Nothing was changed; make somebody else administrator first.`,
    { key: "lastAdmin", details: { name: user.name } },
  );
}
