import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { RECIPE_CREDENTIALS } from "@/lib/stores/testing/own-server";
import {
  readServerFile,
  type StartedServer,
  serverFilePath,
  serverFolder,
} from "@/lib/stores/testing/server-file";
import { addressVariable, type ServerKind } from "@/lib/stores/testing/server-kinds";
import {
  endServer,
  freePorts,
  installServer,
  isAlive,
  launchServer,
  RecipeError,
} from "@/lib/stores/testing/server-recipes";

export const variables = (name: string): string | undefined => process.env[name] || undefined;

/** What became of the servers that were asked for. */
export interface BroughtUp {
  /** Started here, by name. */
  started: string[];
  /** Not on this machine, or failed, by name. */
  absent: string[];
}

const say = (name: string, text: string) => console.log(`${name.padEnd(20)} ${text}`);
const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`;

/**
 * Installs and starts the servers: lanes side by side, and each server starts while the next one installs.
 * When the signal fires, what goes on is finished and nothing more is begun.
 */
export async function bringUp(kinds: readonly ServerKind[], signal: AbortSignal): Promise<BroughtUp> {
  const result: BroughtUp = { started: [], absent: [] };
  const lanes = Map.groupBy(kinds, (kind) => kind.lane);
  await Promise.all([...lanes.values()].map((lane) => bringUpLane(lane, result, signal)));
  return result;
}

async function bringUpLane(
  lane: readonly ServerKind[],
  result: BroughtUp,
  signal: AbortSignal,
): Promise<void> {
  const starting: Promise<void>[] = [];
  for (const kind of lane) {
    if (signal.aborted) break;
    const { name } = kind;
    const running = readServerFile(variables).servers[name];
    if (variables(addressVariable(name))) say(name, `yours, at ${addressVariable(name)}`);
    else if (running?.processes.every(isAlive)) say(name, `runs already, at ${shown(running.url)}`);
    else {
      const begun = Date.now();
      const installed = await attempt(name, result, () => installServer(name));
      const installTook = seconds(begun);
      if (installed && !signal.aborted) starting.push(startOne(kind, installTook, result));
    }
  }
  await Promise.all(starting);
}

async function startOne(kind: ServerKind, installTook: string, result: BroughtUp): Promise<void> {
  const { name } = kind;
  const begun = Date.now();
  await attempt(name, result, async () => {
    const old = readServerFile(variables).servers[name];
    if (old) await endServer(name, old.processes);
    const ports = await freePorts(kind.portCount, kind.firstPort);
    // Named after the port, so that it can never be the folder of a server that runs.
    const folder = join(serverFolder(variables), "data", `${name}-${ports[0]}`);
    rmSync(folder, { recursive: true, force: true });
    const processes = await launchServer(name, ports, folder);
    const url = kind.address(ports, RECIPE_CREDENTIALS);
    record(name, { url, ports, processes, folder });
    result.started.push(name);
    say(name, `ready in ${seconds(begun)} (install ${installTook}), ${kind.label}, at ${shown(url)}`);
  });
}

/** Runs a step; says why it did not work and remembers the name. */
async function attempt(name: string, result: BroughtUp, step: () => Promise<void>): Promise<boolean> {
  try {
    await step();
    return true;
  } catch (error) {
    if (!(error instanceof RecipeError)) throw error;
    say(name, `${error.lacking ? "not on this machine" : "FAILED"}: ${error.message}`);
    result.absent.push(name);
    return false;
  }
}

/** Ends servers of the file of addresses (all, or those named), removes their data and forgets them. */
export async function takeDown(names: readonly string[]): Promise<void> {
  const { servers } = readServerFile(variables);
  const chosen = Object.entries(servers).filter(([name]) => names.length === 0 || names.includes(name));
  await Promise.all(
    chosen.map(async ([name, { processes, folder }]) => {
      await endServer(name, processes);
      rmSync(folder, { recursive: true, force: true });
      record(name, null);
      say(name, "ended");
    }),
  );
}

/** Puts one server into the file of addresses, or takes it out. The file holds passwords: only we may read it. */
function record(name: string, server: StartedServer | null): void {
  const { servers } = readServerFile(variables);
  if (server) servers[name] = server;
  else delete servers[name];
  const path = serverFilePath(variables);
  mkdirSync(dirname(path), { recursive: true });
  const text = JSON.stringify({ servers }, null, 2);
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** An address without its password. */
const shown = (url: string) => url.replace(/:[^:@/]*@/, "@");
