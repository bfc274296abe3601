import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

export const DEMO_ROLE = "strata_demo";
export const DEMO_DATABASE = "aiapps";

const schema = z.object({
  host: z.string(),
  port: z.number().int(),
  database: z.string(),
  user: z.string(),
  password: z.string().min(16),
  /** The end of the generated time, as an ISO instant; the same end gives the same rows. */
  endAt: z.string(),
  scale: z.number().positive(),
});
/** How to reach the demo database, kept beside the data that it describes. */
export type DemoFile = z.infer<typeof schema>;

const pathOf = (dataDir: string): string => join(dataDir, "demo.json");

/** The file's content, or null when there is none or it cannot be understood. */
export async function readDemoFile(dataDir: string): Promise<DemoFile | null> {
  const text = await readFile(pathOf(dataDir), "utf8").catch(() => null);
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** Replaces the file in one step, readable by its owner only: it holds a password. */
export async function writeDemoFile(dataDir: string, file: DemoFile): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  const draft = `${pathOf(dataDir)}.${process.pid}.new`;
  await writeFile(draft, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, pathOf(dataDir));
}

/** A connection URL of the demo database's owner. */
export function demoUrl(file: DemoFile): string {
  const url = new URL(`postgresql://${file.host}:${file.port}/${file.database}`);
  url.username = file.user;
  url.password = file.password;
  return url.href;
}
