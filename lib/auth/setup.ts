import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createUser } from "@/lib/auth/accounts";
import { db } from "@/lib/control/database";
import { env } from "@/lib/env";
import { AppError } from "@/lib/errors";

const KEY = "setup.token";
/** Any fixed number: of two first administrators at once, one waits and is refused. */
const SETUP_LOCK = 7_270_736_903;

const digest = (token: string): string => createHash("sha256").update(token).digest("hex");

/** Whether the first administrator is still to be made. False for ever after. */
export async function setupOpen(): Promise<boolean> {
  return (await db().user.count({ where: { role: "admin" } })) === 0;
}

/**
 * A new one-time token, or null when there is an administrator. Only its hash is stored; a token given out
 * before is void from now on. STRATA_SETUP_TOKEN sets it, for installations without a terminal.
 */
export async function issueSetupToken(): Promise<string | null> {
  if (!(await setupOpen())) return null;
  const token = env().STRATA_SETUP_TOKEN ?? randomBytes(24).toString("base64url");
  const value = { hash: digest(token) };
  await db().setting.upsert({ where: { key: KEY }, create: { key: KEY, value }, update: { value } });
  return token;
}

export interface FirstAdminInput {
  token: string;
  name: string;
  email: string;
  password: string;
}

/**
 * Makes the first administrator and voids the token, in one transaction, and returns the user's id.
 * Throws `not_found` when there is an administrator already, `forbidden` when the token is not the printed one.
 */
export async function createFirstAdmin(input: FirstAdminInput): Promise<string> {
  return db().$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(${SETUP_LOCK}::bigint)`;
    if ((await tx.user.count({ where: { role: "admin" } })) > 0) {
      throw new AppError(
        "not_found",
        "Strata is set up already. Sign in, or ask an administrator for an account.",
        {
          key: "setupClosed",
        },
      );
    }
    const stored = await tx.setting.findUnique({ where: { key: KEY } });
    if (!matches(stored?.value, input.token)) {
      throw new AppError(
        "forbidden",
        "This set-up address is not the current one. Use the address that Strata printed when it was started last.",
        { key: "setupToken" },
      );
    }
    const { name, email, password } = input;
    const userId = await createUser(tx, { name, email, password, role: "admin" });
    await tx.setting.delete({ where: { key: KEY } });
    await tx.auditEntry.create({
      data: {
        actorId: userId,
        actorName: name.trim(),
        action: "user.create",
        subject: email,
        subjectId: userId,
      },
    });
    return userId;
  });
}

function matches(stored: unknown, token: string): boolean {
  if (typeof stored !== "object" || stored === null || !("hash" in stored)) return false;
  if (typeof stored.hash !== "string") return false;
  const [left, right] = [Buffer.from(stored.hash), Buffer.from(digest(token))];
  return left.length === right.length && timingSafeEqual(left, right);
}
