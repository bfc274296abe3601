import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A whole Strata as an operator starts it, on a data folder and a port of its own. */
export interface Stack {
  address: string;
  dataDir: string;
  pid: number;
  /** Everything it printed so far. */
  output(): string;
  /** Ends it as Ctrl-C does and waits until every process is gone. */
  stop(): Promise<void>;
}

export interface StackOptions {
  demo: boolean;
  dataDir?: string;
  env?: Record<string, string>;
  readyMs?: number;
}

export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });

const ended = (child: ChildProcess): Promise<void> =>
  child.exitCode !== null || child.signalCode !== null
    ? Promise.resolve()
    : new Promise((resolve) => child.once("close", () => resolve()));

/** Starts `npm start` or `npm run demo` without npm and resolves once the address has been printed. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), "strata-e2e-"));
  const port = await freePort();
  const args = ["lib/supervisor/main.ts", ...(options.demo ? ["--demo"] : [])];
  const child = spawn("tsx", args, {
    env: { ...process.env, NODE_ENV: "production", PORT: String(port), STRATA_DATA: dataDir, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
    if (process.env.STRATA_E2E_VERBOSE) process.stderr.write(chunk);
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const address = await readyAddress(child, () => output, options.readyMs ?? 180_000);
  return {
    address,
    dataDir,
    pid: child.pid ?? -1,
    output: () => output,
    stop: async () => {
      child.kill("SIGINT");
      await ended(child);
      if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function readyAddress(child: ChildProcess, output: () => string, readyMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearInterval(timer);
      child.kill("SIGKILL");
      reject(new Error(`${why}\n${output()}`));
    };
    const deadline = Date.now() + readyMs;
    const timer = setInterval(() => {
      const match = /Strata is ready.*?(https?:\/\/[^\s/]+)/s.exec(output());
      if (match?.[1]) {
        clearInterval(timer);
        resolve(match[1]);
      } else if (child.exitCode !== null) fail(`The supervisor ended with ${child.exitCode}.`);
      else if (Date.now() > deadline) fail(`No address after ${readyMs} ms.`);
    }, 10);
  });
}
