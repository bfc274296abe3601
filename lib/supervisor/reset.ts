import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { clearStale } from "@/lib/control/embedded";
import { lockFolder } from "@/lib/control/lock";

/** What Strata makes in a data folder. Anything else in it is somebody else's and stays. */
const OURS = [
  "postgres",
  "postgres.json",
  "postgres.log",
  "secret.key",
  "demo.json",
  "demo-accounts.json",
  "cold",
  "cache",
  "scratch",
];

/** Removes what Strata made in the folder and returns what was left. Throws `conflict` while it is in use. */
export async function resetFolder(dataDir: string): Promise<string[]> {
  if (!existsSync(dataDir)) return [];
  const lock = lockFolder(dataDir);
  try {
    await clearStale(join(dataDir, "postgres"));
    for (const name of OURS) rmSync(join(dataDir, name), { recursive: true, force: true });
  } finally {
    lock.release();
  }
  return readdirSync(dataDir);
}
