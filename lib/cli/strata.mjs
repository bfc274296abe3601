#!/usr/bin/env node
// The `strata` command: runs lib/cli/main.ts with the Node 24 that was installed with Strata, whatever Node is here.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const installed = join(
  root,
  "node_modules",
  "node",
  "bin",
  process.platform === "win32" ? "node.exe" : "node",
);
const node = existsSync(installed) ? installed : process.execPath;
const args = [join(root, "node_modules", "tsx", "dist", "cli.mjs"), join(root, "lib", "cli", "main.ts")];

// The data folder and the path aliases are relative to Strata's own folder.
const child = spawn(node, [...args, ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
