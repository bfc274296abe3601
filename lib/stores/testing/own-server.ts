import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseAddress, type ServerProcess, type TestServer } from "./server-file";
import { endServer, freePorts, installServer, isAlive, launchServer, serverKind } from "./server-recipes";

/** A server that one test has for itself, to stop, kill and start again. */
export interface OwnServer extends TestServer {
  /** Ends it in order, as its operator would. Its data stays. */
  end(): Promise<void>;
  /** Ends it at once, as a power cut would. Its data stays as far as it was written. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data, after end() or kill(). */
  start(): Promise<void>;
  /** Ends it and removes its data. */
  close(): Promise<void>;
}

/** The user and the password of servers from recipes, as recipe.sh has them. */
export const RECIPE_CREDENTIALS = { user: "strata", password: "strata-test-password" };

/**
 * Starts a server of the kind (as SERVER_KINDS names it) in a fresh folder on free ports. Installs it when needed.
 * Only for tests that break their server: all others share testServer().
 */
export async function startOwnServer(name: string): Promise<OwnServer> {
  const kind = serverKind(name);
  await installServer(name);
  const folder = mkdtempSync(join(tmpdir(), `strata-${name}-`));
  const ports = await freePorts(kind.portCount, 20_000 + Math.floor(Math.random() * 3_500));
  let processes: ServerProcess[] = await launchServer(name, ports, folder);
  const end = () => endServer(name, processes);
  return {
    ...parseAddress(name, kind.address(ports, RECIPE_CREDENTIALS)),
    end,
    kill: async () => {
      for (const one of processes) if (isAlive(one)) process.kill(one.pid, "SIGKILL");
      while (processes.some(isAlive)) await new Promise((resolve) => setImmediate(resolve));
    },
    start: async () => {
      processes = await launchServer(name, ports, folder);
    },
    close: async () => {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
