import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";

export interface ChildOptions {
  name: string;
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  stdout: "ignore" | "inherit";
  say(line: string): void;
}

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 30_000;
/** A child that lived this long had started well: the next restart is quick again. */
const STEADY_MS = 60_000;

/** A Node process that is started again whenever it ends, until stop(). */
export class Child {
  private process: ChildProcess | undefined;
  private readonly stopping = new AbortController();
  private readonly done: Promise<void>;

  constructor(private readonly options: ChildOptions) {
    this.done = this.keepRunning();
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  /** Asks it to end; after `graceMs` it is killed. Its own children end with it in either case. */
  async stop(graceMs: number): Promise<void> {
    this.stopping.abort();
    this.process?.kill("SIGTERM");
    const late = setTimeout(() => this.kill(), graceMs);
    await this.done;
    clearTimeout(late);
    this.kill();
  }

  /** Kills it and its children at once. */
  kill(): void {
    this.stopping.abort();
    const { pid } = this.process ?? {};
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL"); // the group: a detached child leads its own
    } catch {
      // Nobody of the group lives any more.
    }
  }

  private async keepRunning(): Promise<void> {
    let backoffMs = FIRST_BACKOFF_MS;
    while (!this.stopping.signal.aborted) {
      const startedAt = Date.now();
      const how = await this.runOnce();
      if (this.stopping.signal.aborted) return;
      if (Date.now() - startedAt > STEADY_MS) backoffMs = FIRST_BACKOFF_MS;
      this.options.say(`${this.options.name} ended (${how}); it is started again in ${backoffMs / 1000} s.`);
      await delay(backoffMs, undefined, { signal: this.stopping.signal }).catch(() => {});
      backoffMs = Math.min(backoffMs * 2, LONGEST_BACKOFF_MS);
    }
  }

  private runOnce(): Promise<string> {
    const { args, cwd, env, stdout } = this.options;
    // Its stdin is a pipe that nobody writes to: a child that watches it learns of our end, however it comes.
    // Detached: Ctrl-C in the terminal reaches the supervisor only, which ends its children in order.
    const child = spawn(process.execPath, [...args], {
      cwd,
      env,
      detached: true,
      stdio: ["pipe", stdout, "inherit"],
    });
    this.process = child;
    return new Promise((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
  }
}
