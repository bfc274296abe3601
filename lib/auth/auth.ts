import { betterAuth } from "better-auth";
import { prismaAdapter } from "better-auth/adapters/prisma";
import { knownOrigins, originIsOurs } from "@/lib/auth/origin";
import { db } from "@/lib/control/database";
import { derivedKey } from "@/lib/control/secret";
import { env } from "@/lib/env";

const DAY_SECONDS = 86_400;

function create() {
  const [baseURL = ""] = knownOrigins();
  return betterAuth({
    appName: "Strata",
    baseURL,
    basePath: "/api/auth",
    secret: derivedKey("sessions").toString("base64url"),
    database: prismaAdapter(db(), { provider: "postgresql", transaction: true }),
    // Accounts are made by the set-up page and by administrators only.
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength: 10, maxPasswordLength: 200 },
    user: {
      additionalFields: {
        role: { type: "string", required: true, defaultValue: "viewer", input: false },
        disabledAt: { type: "date", required: false, input: false },
      },
    },
    session: { expiresIn: 14 * DAY_SECONDS, updateAge: DAY_SECONDS },
    databaseHooks: { session: { create: { before: async (session) => isEnabled(session.userId) } } },
    trustedOrigins: (request) => {
      const origin = request?.headers.get("origin");
      return request && origin && originIsOurs(origin, request.headers)
        ? [...knownOrigins(), origin]
        : knownOrigins();
    },
    rateLimit: {
      enabled: true,
      storage: "memory",
      window: 60,
      max: 600,
      customRules: { "/sign-in/email": { window: 60, max: 20 }, "/get-session": false },
    },
    advanced: {
      cookiePrefix: "strata",
      useSecureCookies: baseURL.startsWith("https:"),
      defaultCookieAttributes: { httpOnly: true, sameSite: "lax" },
    },
    telemetry: { enabled: false },
    logger: { level: env().STRATA_LOG === "debug" ? "debug" : "error" },
  });
}

/** Refuses the session of a disabled account: the sign-in fails as with a wrong password. */
async function isEnabled(userId: string): Promise<boolean> {
  const user = await db().user.findUnique({ where: { id: userId }, select: { disabledAt: true } });
  return user !== null && user.disabledAt === null;
}

type Auth = ReturnType<typeof create>;

const holder = globalThis as typeof globalThis & { strataAuth?: Auth };

/** The sign-in of this process; `auth().handler` answers /api/auth/*. Made on first use. */
export function auth(): Auth {
  holder.strataAuth ??= create();
  return holder.strataAuth;
}

/** Forgets the instance: for tests that change database or environment. */
export function forgetAuth(): void {
  holder.strataAuth = undefined;
}
