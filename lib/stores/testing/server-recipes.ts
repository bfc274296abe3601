import { spawn, spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { nextFreePort } from "@/lib/control/ports";
import type { ServerProcess } from "./server-file";
import { SERVER_KINDS, type ServerKind } from "./server-kinds";

const RECIPES = resolve(import.meta.dirname, "..", "..", "..", "e2e", "servers");
/** The code by which a recipe says that this machine lacks what the server needs. */
const LACKS = 3;

/** Why a recipe failed: its own last lines. `lacking`: nothing is broken, this machine just cannot have it. */
export class RecipeError extends Error {
  readonly lacking: boolean;
  constructor(message: string, lacking: boolean) {
    super(message);
    this.lacking = lacking;
  }
}

/** The kind of that name. Throws when there is none. */
export function serverKind(name: string): ServerKind {
  const kind = SERVER_KINDS.find((one) => one.name === name);
  if (kind) return kind;
  throw new Error(
    `There is no server ${name}. There are: ${SERVER_KINDS.map((one) => one.name).join(", ")}.`,
  );
}

/** Installs a server's programs, once. Throws RecipeError. */
export async function installServer(name: string): Promise<void> {
  await runRecipe(name, "install.sh", []);
}

/** Starts a server in a folder and returns its processes once it answers. Throws RecipeError. */
export async function launchServer(
  name: string,
  ports: readonly number[],
  folder: string,
): Promise<ServerProcess[]> {
  const output = await runRecipe(name, "start.sh", [ports.join(","), folder]);
  const pids = (output.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return pids.map((pid) => ({ pid, startedAt: startOf(pid) ?? "" }));
}

/** Ends the server's processes that still are the ones that were started. */
export async function endServer(name: string, processes: readonly ServerProcess[]): Promise<void> {
  const pids = processes.filter(isAlive).map((one) => String(one.pid));
  if (pids.length > 0) await runRecipe(name, "stop.sh", pids);
}

/** Whether the process runs and is the one that was started. */
export function isAlive({ pid, startedAt }: ServerProcess): boolean {
  return startedAt !== "" && startOf(pid) === startedAt;
}

/** Free ports of 127.0.0.1, from the given one on; low enough for a Redis bus to lie 10,000 above. */
export async function freePorts(count: number, from: number): Promise<number[]> {
  const ports: number[] = [];
  for (let next = from; ports.length < count; next = (ports.at(-1) ?? next) + 1)
    ports.push(await nextFreePort(next, "127.0.0.1"));
  return ports;
}

/** When the process was started, as ps tells it; null when it is gone or only waits to be buried. */
function startOf(pid: number): string | null {
  const { stdout } = spawnSync("env", ["LC_ALL=C", "ps", "-o", "stat=,lstart=", "-p", String(pid)], {
    encoding: "utf8",
  });
  const [state = "", ...started] = stdout.trim().split(/\s+/);
  return state === "" || state.startsWith("Z") ? null : started.join(" ");
}

function runRecipe(name: string, script: string, args: readonly string[]): Promise<string> {
  return new Promise((settle, reject) => {
    const child = spawn("bash", [join(RECIPES, name, script), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [output, said] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-4_000);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) settle(output);
      else reject(new RecipeError(said.trim() || `${name}/${script} ended with ${code}`, code === LACKS));
    });
  });
}
