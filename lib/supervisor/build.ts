import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readIfThere } from "@/lib/control/files";
import { lockFolder } from "@/lib/control/lock";
import { AppError, isAppError } from "@/lib/errors";

/** What the pages are made of. */
const SOURCES = ["app", "components", "lib", "public", "prisma/schema.prisma"];
const ROOT_FILES = ["next.config.js", "postcss.config.mjs", "tsconfig.json", "package-lock.json", "proxy.ts"];
const BESIDE = /\.test\.tsx?$|^lib\/(supervisor|demo|cli)\//;

export interface BuildOptions {
  root: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  say(line: string): void;
}

/** Builds the pages unless the build in .next was made from these very sources. Of two at once, one waits. */
export async function ensureBuilt(options: BuildOptions): Promise<void> {
  const { root, say, signal } = options;
  const hash = sourceHash(root);
  if (isBuilt(root, hash)) return;
  const release = await waitForTurn(root, signal);
  try {
    if (isBuilt(root, hash)) return;
    say("Building the pages; this happens once and takes about a minute …");
    const startedAt = Date.now();
    await runBuild(options);
    writeFileSync(markOf(root), hash);
    say(`Pages built in ${Math.round((Date.now() - startedAt) / 1000)} s.`);
  } finally {
    release();
  }
}

const markOf = (root: string): string => join(root, ".next", "strata-build");

const isBuilt = (root: string, hash: string): boolean =>
  readIfThere(join(root, ".next", "BUILD_ID")) !== null && readIfThere(markOf(root)) === hash;

/** SHA-256 over path and content of every source, about 20 ms for a thousand files. */
export function sourceHash(root: string): string {
  const hash = createHash("sha256").update(process.versions.node.split(".")[0] ?? "");
  for (const path of [...SOURCES.flatMap((name) => walk(root, name)), ...ROOT_FILES]) {
    const content = readIfThere(join(root, path));
    if (content !== null) hash.update(`${path}\0${content.length}\0${content}`);
  }
  return hash.digest("hex");
}

function walk(root: string, path: string): string[] {
  if (path.includes(".")) return [path];
  if (!existsSync(join(root, path))) return [];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath.slice(root.length + 1)}/${entry.name}`)
    .filter((name) => !BESIDE.test(name) && !name.startsWith("lib/control/prisma/client/"))
    .sort();
}

async function waitForTurn(root: string, signal: AbortSignal): Promise<() => void> {
  const folder = join(root, "node_modules", ".cache", "strata-build");
  mkdirSync(folder, { recursive: true });
  for (;;) {
    try {
      return lockFolder(folder).release;
    } catch (error) {
      if (!isAppError(error) || error.code !== "conflict") throw error;
      await delay(500, undefined, { signal });
    }
  }
}

async function runBuild({ root, env, signal }: BuildOptions): Promise<void> {
  const next = join(root, "node_modules", "next", "dist", "bin", "next");
  const child = spawn(process.execPath, [next, "build"], {
    cwd: root,
    env,
    signal,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  const collect = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-20_000);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject).once("close", resolve);
  });
  if (code === 0) return;
  throw new AppError("internal", `The pages could not be built. What the build said:\n${said.trim()}`);
}
