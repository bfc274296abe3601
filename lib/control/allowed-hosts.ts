import { z } from "zod";
import { db } from "@/lib/control/database";

const KEY = "allowedHosts";
const saved = z.array(z.string());
const KEEP_MS = 10_000;
let kept: { hosts: readonly string[]; untilMs: number } | null = null;

/** Hosts that an admin allows although they are link-local or metadata addresses; asked for every ten seconds. */
export async function allowedHosts(): Promise<readonly string[]> {
  if (kept && kept.untilMs > Date.now()) return kept.hosts;
  const row = await db().setting.findUnique({ where: { key: KEY } });
  const parsed = saved.safeParse(row?.value);
  kept = { hosts: parsed.success ? parsed.data : [], untilMs: Date.now() + KEEP_MS };
  return kept.hosts;
}

type Writer = Pick<ReturnType<typeof db>, "setting">;

/** Replaces the list. Open connections stay as they are; the next one follows it. */
export async function saveAllowedHosts(on: Writer, hosts: readonly string[]): Promise<void> {
  const value = [...hosts];
  await on.setting.upsert({ where: { key: KEY }, create: { key: KEY, value }, update: { value } });
  kept = null;
}
