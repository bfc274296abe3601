import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { nextFreePort } from "@/lib/control/ports";
import { masterSecret } from "@/lib/control/secret";
import { childEnv, env } from "@/lib/env";
import { AppError } from "@/lib/errors";
import { ensureBuilt } from "@/lib/supervisor/build";
import { Child } from "@/lib/supervisor/child";
import { type ControlServer, startControl } from "@/lib/supervisor/control";
import { ensureDemoAccounts, ensureDemoData } from "@/lib/supervisor/demo";
import { LEAN } from "@/lib/supervisor/lean";
import type { SupervisorOptions } from "@/lib/supervisor/options";
import { resetFolder } from "@/lib/supervisor/reset";

export interface SupervisorInput extends SupervisorOptions {
  root: string;
  say(line: string): void;
}

/** Longer than a batch takes: a worker saves its last checkpoint and hands back its lease meanwhile. */
const GRACE_MS = 20_000;
const WEB_TIMEOUT_MS = 60_000;

/** Starts database, web and workers on this machine, keeps them running and ends them together. */
export class Supervisor {
  readonly dataDir = env().STRATA_DATA;
  private readonly children: Child[] = [];
  private readonly cancelled = new AbortController();
  private control: ControlServer | undefined;
  private starting: Promise<void> = Promise.resolve();

  constructor(private readonly input: SupervisorInput) {}

  /** Resolves when the first page is served and the address is printed. */
  start(): Promise<void> {
    this.starting = this.run();
    return this.starting;
  }

  /** Ends everything in order: web and workers, then the database. Resolves when no process is left. */
  async stop(): Promise<void> {
    this.cancelled.abort();
    await this.starting.catch(() => {});
    await Promise.all(this.children.map((child) => child.stop(GRACE_MS)));
    const { closeDatabase } = await import("@/lib/control/database");
    await closeDatabase();
    await this.control?.stop();
  }

  /** Ends everything at once. */
  kill(): void {
    for (const child of this.children) child.kill();
    this.control?.kill();
  }

  private async run(): Promise<void> {
    const { say, reset } = this.input;
    if (reset) await this.reset();
    let port = await this.openPort(env().PORT);
    // The pages are built while the database starts and the demo's rows are written.
    const built = this.input.dev ? Promise.resolve() : this.build(port);
    built.catch(() => {}); // reported where it is awaited
    this.control = await startControl(this.dataDir, say);
    this.goOn();
    if (this.input.demo) await this.prepareDemo(this.control.adminUrl);
    // While the pages are being built the workers can begin; otherwise the first page comes first, because on a
    // machine with few cores their start would delay it.
    const building = !(await isSettled(built));
    if (building) this.startWorkers(port);
    await built;
    this.goOn();
    port = await this.openPort(port); // another program may have taken it meanwhile
    this.startWeb(port);
    const [how] = await Promise.all([this.signIn(port), this.webAnswers(port)]);
    this.goOn();
    if (!building) this.startWorkers(port);
    say(`\nStrata is ready: ${this.address(port)}\n${how}\nCtrl-C stops it.\n`);
  }

  /** The wanted port, or the next one that is free, which is said. */
  private async openPort(wanted: number): Promise<number> {
    const port = await nextFreePort(wanted, env().STRATA_HOST);
    if (port !== wanted) this.input.say(`Port ${wanted} is taken; Strata uses ${port}.`);
    return port;
  }

  private async reset(): Promise<void> {
    const left = await resetFolder(this.dataDir);
    const kept = left.length > 0 ? ` Kept, because Strata did not make it: ${left.join(", ")}.` : "";
    this.input.say(`Begun anew in ${this.dataDir}.${kept}`);
  }

  private build(port: number): Promise<void> {
    const { root, say } = this.input;
    return ensureBuilt({ root, say, env: this.childEnv(port), signal: this.cancelled.signal });
  }

  private async prepareDemo(adminUrl: string): Promise<void> {
    const { root, say } = this.input;
    await ensureDemoData({ root, adminUrl, dataDir: this.dataDir, say });
    this.goOn();
  }

  private startWorkers(port: number): void {
    const { demo } = this.input;
    for (let number = 1; number <= env().STRATA_WORKERS; number++) {
      this.spawnScript(`Worker ${number}`, "lib/jobs/worker.ts", port);
    }
    if (demo) this.spawnScript("The demo's trickle of rows", "lib/demo/trickle.ts", port);
  }

  private spawnScript(name: string, script: string, port: number): void {
    if (!existsSync(join(this.input.root, script))) {
      this.input.say(`${name} is not started: ${script} is missing.`);
      return;
    }
    const args = [...LEAN.args, "--import", import.meta.resolve("tsx"), script];
    const { root, say } = this.input;
    const env = { ...this.childEnv(port), ...LEAN.env };
    this.children.push(new Child({ name, args, cwd: root, env, stdout: "ignore", say }));
  }

  private startWeb(port: number): void {
    const { root, dev } = this.input;
    const next = join(root, "node_modules", "next", "dist", "bin", "next");
    const args = [next, dev ? "dev" : "start", "-p", String(port), "-H", env().STRATA_HOST];
    this.spawn("The web server", args, port, dev ? "inherit" : "ignore");
  }

  private spawn(name: string, args: readonly string[], port: number, stdout: "ignore" | "inherit"): void {
    const { root, say } = this.input;
    this.children.push(new Child({ name, args, cwd: root, env: this.childEnv(port), stdout, say }));
  }

  private childEnv(port: number): NodeJS.ProcessEnv {
    const { root, demo, dev } = this.input;
    const leash = pathToFileURL(join(root, "lib", "supervisor", "leash.mjs")).href;
    return childEnv({
      NODE_ENV: dev ? "development" : "production",
      NODE_OPTIONS: `--import=${leash}`,
      PORT: String(port),
      STRATA_DATA: this.dataDir,
      STRATA_DEMO: demo ? "1" : "0",
      STRATA_SECRET: masterSecret(),
      STRATA_SUPERVISOR: String(process.pid),
      NEXT_TELEMETRY_DISABLED: "1",
      ...(this.control ? { DATABASE_URL: this.control.url } : {}),
    });
  }

  /** One or two lines that say how to get in. */
  private async signIn(port: number): Promise<string> {
    if (this.input.demo) {
      const { email, password } = await ensureDemoAccounts(this.dataDir);
      return `Sign in as ${email} (or operator@, viewer@) with the password ${password}`;
    }
    const { issueSetupToken } = await import("@/lib/auth/setup");
    const token = await issueSetupToken();
    if (!token) return "Sign in with your account.";
    return `Make the first administrator here, once: ${this.address(port)}/setup?token=${encodeURIComponent(token)}`;
  }

  private address(port: number): string {
    const { STRATA_URL, STRATA_HOST } = env();
    return STRATA_URL ?? `http://${reachable(STRATA_HOST)}:${port}`;
  }

  private async webAnswers(port: number): Promise<void> {
    const url = `http://${reachable(env().STRATA_HOST)}:${port}/sign-in`;
    const until = Date.now() + WEB_TIMEOUT_MS;
    while (Date.now() < until) {
      this.goOn();
      const response = await fetch(url, { redirect: "manual" }).catch(() => null);
      await response?.body?.cancel();
      if (response && response.status < 500) return;
      await delay(50);
    }
    throw new AppError("timeout", `The web server does not answer on ${url}. What it said stands above.`);
  }

  private goOn(): void {
    if (this.cancelled.signal.aborted) throw new AppError("cancelled", "Stopped while starting.");
  }
}

/** An address that a browser on this machine can open for a host that we listen on. */
function reachable(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "127.0.0.1";
  return host.includes(":") ? `[${host}]` : host;
}

/** Whether a promise has ended by now, well or badly. */
const isSettled = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
