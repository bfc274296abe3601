import type { Command } from "commander";
import { cliActor } from "@/lib/cli/actor";
import { print, table } from "@/lib/cli/print";
import { waitFor } from "@/lib/cli/wait";
import { AppError } from "@/lib/errors";
import { OPERATION_STATES } from "@/lib/schemas/operation";
import { compareCatalogue } from "@/lib/services/catalogue/compare";
import { rebuildCatalogue } from "@/lib/services/catalogue/rebuild";
import { cancelOperation } from "@/lib/services/operations/cancel";
import { getOperation } from "@/lib/services/operations/get";
import { downloadLines } from "@/lib/services/operations/lines";
import { listOperations } from "@/lib/services/operations/list";
import { pauseOperation } from "@/lib/services/operations/pause";
import { resumeOperation } from "@/lib/services/operations/resume";

interface Options {
  state?: string;
  limit: string;
  pause?: boolean;
  resume?: boolean;
  cancel?: boolean;
  log?: boolean;
  wait?: boolean;
  json?: boolean;
}

export function addOperationCommands(program: Command): void {
  program
    .command("operations")
    .description("list operations, or show, steer and follow one")
    .argument("[operationId]")
    .option("--state <state>", "active, or one state")
    .option("--limit <n>", "how many", "50")
    .option("--pause", "pause it")
    .option("--resume", "let it go on")
    .option("--cancel", "end it after its batch")
    .option("--log", "print its log")
    .option("--wait", "follow it to its end")
    .option("--json", "for programs")
    .action((operationId: string | undefined, options: Options) =>
      operationId ? one(operationId, options) : list(options),
    );
  program
    .command("catalogue")
    .description("compare the catalogue with the manifests in the object stores")
    .option("--rebuild", "make it agree with them")
    .option("--json", "for programs")
    .action(catalogue);
}

async function list({ state, limit, json }: Options): Promise<void> {
  const known = state === "active" ? state : OPERATION_STATES.find((one) => one === state);
  if (state && !known)
    throw new AppError("bad_input", `"${state}" is no state. Write active, ${OPERATION_STATES.join(", ")}.`);
  const page = await listOperations(cliActor(), { state: known, limit: Number(limit) });
  print(json ?? false, page.items, () =>
    table(
      ["id", "operation", "state", "progress", "by", "created"],
      page.items.map((one) => [
        one.operationId,
        one.title,
        one.state,
        `${Math.floor(one.progress * 100)} %`,
        one.createdByName,
        one.createdAt.slice(0, 19),
      ]),
    ),
  );
}

async function one(operationId: string, options: Options): Promise<void> {
  const actor = cliActor();
  if (options.pause) await pauseOperation(actor, { operationId });
  if (options.resume) await resumeOperation(actor, { operationId });
  if (options.cancel) await cancelOperation(actor, { operationId });
  if (options.log) {
    for await (const lines of downloadLines(actor, { operationId })) process.stdout.write(lines);
    return;
  }
  if (options.wait) return waitFor(actor, operationId, options.json ?? false);
  const operation = await getOperation(actor, { operationId });
  print(options.json ?? false, operation, () =>
    [
      `${operation.title}: ${operation.state}, ${Math.floor(operation.progress * 100)} %, ${operation.doneRows} rows`,
      ...operation.steps.map((step) => `  ${step.state.padEnd(8)} ${step.name}`),
      operation.error ? `  ${operation.error.message}` : "",
    ].join("\n"),
  );
}

async function catalogue({ rebuild, json }: { rebuild?: boolean; json?: boolean }): Promise<void> {
  const result = await (rebuild ? rebuildCatalogue : compareCatalogue)(cliActor());
  print(json ?? false, result, () =>
    result.stores
      .flatMap((store) => [
        `${store.name}: ${store.manifests} manifests, ${store.segments} segments in the catalogue${store.failure ? `; ${store.failure}` : ""}`,
        ...store.unknown.map((key) => `  not in the catalogue: ${key}`),
        ...store.missing.map((key) => `  missing in the store: ${key}`),
      ])
      .join("\n"),
  );
  const differs = result.stores.some(
    (store) => store.failure || store.unknown.length > 0 || store.missing.length > 0,
  );
  // Says it to scripts: the same code as for a damaged file.
  if (differs) process.exitCode = 9;
}
