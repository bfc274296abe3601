import { readServerFile, serverFilePath } from "@/lib/stores/testing/server-file";
import { addressVariable, BY_ADDRESS_ONLY, SERVER_KINDS } from "@/lib/stores/testing/server-kinds";
import { serverKind } from "@/lib/stores/testing/server-recipes";
import { bringUp, takeDown, variables } from "./bring-up";

const USAGE = `npm run servers [-- OPTION…]: installs and starts servers for tests, until Ctrl-C
  --only NAME,NAME   only these of: ${SERVER_KINDS.map((kind) => kind.name).join(", ")}
  --detach           returns when they run; they stay until --stop
  --stop             ends what runs (or what --only names) and removes its data
  --env              prints the variables that point tests at what runs`;

interface Options {
  only: string[];
  flags: Set<string>;
}

function parse(args: readonly string[]): Options {
  const options: Options = { only: [], flags: new Set() };
  for (let at = 0; at < args.length; at++) {
    const [flag = "", value] = (args[at] ?? "").split("=", 2);
    if (flag === "--only") {
      const names = value ?? args[++at] ?? "";
      options.only.push(...names.split(",").map((name) => serverKind(name.trim()).name));
    } else if (["--detach", "--stop", "--env", "--help"].includes(flag)) options.flags.add(flag);
    else throw new Error(`${flag} is no option.\n${USAGE}`);
  }
  return options;
}

function printVariables(): void {
  for (const [name, { url }] of Object.entries(readServerFile(variables).servers))
    console.log(`export ${addressVariable(name)}='${url}'`);
}

function printAbsent(): void {
  console.log("\nNot to be had from any package registry; the tests take an address of yours:");
  for (const [name, label] of Object.entries(BY_ADDRESS_ONLY)) {
    const variable = addressVariable(name);
    console.log(`  ${variable}: ${label}${variables(variable) ? " (set)" : ""}`);
  }
}

/** Fires at Ctrl-C, or when we are told to end. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => controller.abort());
  return controller.signal;
}

async function untilInterrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  console.log("\nCtrl-C ends them.");
  const alive = setInterval(() => undefined, 60_000);
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
  clearInterval(alive);
}

async function main(): Promise<void> {
  const { only, flags } = parse(process.argv.slice(2));
  if (flags.has("--help")) return console.log(USAGE);
  if (flags.has("--env")) return printVariables();
  if (flags.has("--stop")) return takeDown(only);
  const kinds = only.length > 0 ? only.map(serverKind) : SERVER_KINDS;
  const interrupted = interruption();
  const { started, absent } = await bringUp(kinds, interrupted);
  printAbsent();
  console.log(`\nAddresses are in ${serverFilePath(variables)}`);
  if (absent.length > 0) {
    console.log(`Not running: ${absent.join(", ")}`);
    process.exitCode = 1;
  }
  if (started.length === 0) return;
  if (flags.has("--detach") && !interrupted.aborted) return;
  await untilInterrupted(interrupted);
  await takeDown(started);
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
