import { existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect } from "node:util";
import { isAppError } from "@/lib/errors";
import { withoutPasswords } from "@/lib/log";
import { parseOptions } from "@/lib/supervisor/options";
import { Supervisor } from "@/lib/supervisor/supervisor";

/** Signals that reach us twice within this time come from one key press (the terminal and npm both pass it on). */
const SAME_PRESS_MS = 700;

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
process.chdir(root === process.cwd() || !existsSync(root) ? process.cwd() : root);

const say = (line: string) => console.log(line);
let firstSignalAt = 0;
let supervisor: Supervisor | undefined;

function onSignal(): void {
  const now = Date.now();
  if (firstSignalAt === 0) {
    firstSignalAt = now;
    say("Stopping …");
    void (supervisor?.stop() ?? Promise.resolve()).then(() => {
      say("Stopped.");
      process.exit(0);
    });
  } else if (now - firstSignalAt > SAME_PRESS_MS) {
    say("Killed. What was saved is safe; the next start picks up from there.");
    supervisor?.kill();
    process.exit(130);
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
// The terminal may close before we do; what we say then must not end us before our children.
process.stdout.on("error", () => {});

try {
  supervisor = new Supervisor({ root, say, ...parseOptions(process.argv.slice(2)) });
  mkdirSync(supervisor.dataDir, { recursive: true });
  await supervisor.start();
} catch (error) {
  if (firstSignalAt === 0) {
    console.error(isAppError(error) ? error.message : withoutPasswords(inspect(error)));
    await supervisor?.stop();
    process.exit(isAppError(error) ? 2 : 1);
  }
}
