import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createUser } from "@/lib/auth/accounts";
import { db } from "@/lib/control/database";
import { createPrivateOnce } from "@/lib/control/files";
import type { Role } from "@/lib/schemas/user";

const DEMO_USERS: readonly { name: string; email: string; role: Role }[] = [
  { name: "Demo admin", email: "admin@strata.local", role: "admin" },
  { name: "Demo operator", email: "operator@strata.local", role: "operator" },
  { name: "Demo viewer", email: "viewer@strata.local", role: "viewer" },
];

/**
 * Makes the demo's three accounts where they are missing. They share one password, generated once and kept in
 * the data folder; a password that was changed since is left alone.
 */
export async function ensureDemoAccounts(dataDir: string): Promise<{ email: string; password: string }> {
  const password = createPrivateOnce(join(dataDir, "demo-accounts.json"), () =>
    JSON.stringify({ password: randomBytes(9).toString("base64url") }),
  );
  const parsed: { password: string } = JSON.parse(password);
  const emails = DEMO_USERS.map((user) => user.email);
  const found = await db().user.findMany({ where: { email: { in: emails } }, select: { email: true } });
  const missing = DEMO_USERS.filter((user) => !found.some((known) => known.email === user.email));
  for (const user of missing) {
    await db().$transaction((tx) => createUser(tx, { ...user, password: parsed.password }));
  }
  return { email: "admin@strata.local", password: parsed.password };
}

/** Makes the demo's data, stores and datasets unless they are there. */
export async function ensureDemoData(input: {
  root: string;
  adminUrl: string;
  dataDir: string;
  say(line: string): void;
}): Promise<void> {
  if (!existsSync(join(input.root, "lib", "demo", "prepare.ts"))) {
    input.say("This copy of Strata has no demo data (lib/demo is missing); it starts empty.");
    return;
  }
  const { prepareDemo } = await import("@/lib/demo/prepare");
  await prepareDemo({ adminUrl: input.adminUrl, dataDir: input.dataDir, say: input.say });
  try {
    const { registerDemo } = await import("@/lib/supervisor/demo-register");
    await registerDemo(input.dataDir);
  } catch (error) {
    // The pages are of use without it, and can add the stores themselves.
    const said = error instanceof Error ? error.message : String(error);
    input.say(`The demo's stores could not be added; the next start tries again. ${said}`);
  }
}
