import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { processExists } from "@/lib/control/lock";
import { childEnv } from "@/lib/env";
import { Child } from "@/lib/supervisor/child";

let folder: string;
let child: Child | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "strata-child-"));
});
afterEach(async () => {
  await child?.stop(0);
  rmSync(folder, { recursive: true, force: true });
});

/** A child with a child of its own, which ignores SIGTERM; both write their pids. */
const FAMILY = `
  const { spawn } = require("node:child_process");
  const { writeFileSync } = require("node:fs");
  if (process.argv[2]) {
    process.on("SIGTERM", () => {});
    setInterval(() => {}, 1000);
    writeFileSync("ready", "");
  } else {
    const inner = spawn(process.execPath, [__filename, "inner"], { stdio: "ignore" });
    writeFileSync("pids", process.pid + " " + inner.pid);
    setInterval(() => {}, 1000);
  }`;

const start = (script: string, said: string[] = []) => {
  writeFileSync(join(folder, "child.cjs"), script);
  child = new Child({
    name: "The child",
    args: ["child.cjs"],
    cwd: folder,
    env: childEnv({}),
    stdout: "ignore",
    say: (line) => said.push(line),
  });
  return child;
};

const gone = (pid: number) => expect.poll(() => processExists(pid), { timeout: 5_000 }).toBe(false);

it("ends a child together with the child's own children", async () => {
  const running = start(FAMILY);
  await vi.waitFor(() => readFileSync(join(folder, "ready")), { timeout: 10_000 });
  const pids = readFileSync(join(folder, "pids"), "utf8").split(" ").map(Number);
  await running.stop(2_000);
  for (const pid of pids) await gone(pid);
});

it("starts a child again that ended, and says so", async () => {
  const said: string[] = [];
  start("require('node:fs').appendFileSync('starts', 'x'); process.exit(3);", said);
  await expect.poll(() => readFileSync(join(folder, "starts"), "utf8"), { timeout: 10_000 }).toContain("xx");
  expect(said[0]).toBe("The child ended (exit code 3); it is started again in 0.5 s.");
});
