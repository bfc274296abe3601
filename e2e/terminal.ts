import { spawn } from "node:child_process";

/** A command as an operator runs it in a terminal: a process group of its own, which Ctrl-C reaches as a whole. */
export interface Terminal {
  pid: number;
  /** Everything printed so far, by all of its processes. */
  output(): string;
  /** Resolves with the match once the output holds it. Rejects when the command ends or the time is over. */
  sees(words: RegExp, withinMs: number): Promise<RegExpExecArray>;
  /** SIGINT to the whole group, as the terminal sends it. Resolves with the exit code when the command has ended. */
  ctrlC(): Promise<number | null>;
}

const LOOK_MS = 25;

/** Starts `command` with these variables added to ours. */
export function openTerminal(
  command: string,
  args: readonly string[],
  env: Record<string, string>,
): Terminal {
  const child = spawn(command, args, {
    detached: true,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const pid = child.pid ?? -1;
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (chunk: Buffer) => {
      printed += chunk.toString();
      if (process.env.STRATA_E2E_VERBOSE) process.stderr.write(chunk);
    });
  }
  let over = false;
  const closed = new Promise<number | null>((resolve) => {
    child.once("close", (code) => {
      over = true;
      resolve(code);
    });
  });
  return {
    pid,
    output: () => printed,
    sees: (words, withinMs) =>
      new Promise((resolve, reject) => {
        const until = Date.now() + withinMs;
        const timer = setInterval(() => {
          const match = words.exec(printed);
          if (!match && !over && Date.now() < until) return;
          clearInterval(timer);
          if (match) resolve(match);
          else reject(new Error(`${words} was not printed${over ? " before the end" : ""}:\n${printed}`));
        }, LOOK_MS);
      }),
    ctrlC: () => {
      if (!over) process.kill(-pid, "SIGINT");
      return closed;
    },
  };
}
