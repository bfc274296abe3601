import type { Command } from "commander";
import { cliActor } from "@/lib/cli/actor";
import { datasetNamed, daysOf, instantOf, storeNamed } from "@/lib/cli/find";
import { type RunOptions, runPlan } from "@/lib/cli/run-plan";
import { AppError } from "@/lib/errors";
import type { ArchiveParams } from "@/lib/schemas/plan";
import { getDataset } from "@/lib/services/datasets/get";

/** Options that every command that plans and runs has. */
const withRun = (command: Command): Command =>
  command
    .option("--dry-run", "print the plan and stop")
    .option("--yes", "do not ask for the typed name; needs --reason")
    .option("--reason <text>", "why, for the audit log")
    .option("--wait", "follow it to its end")
    .option("--json", "for programs");

export function addWriteCommands(program: Command): void {
  withRun(
    program
      .command("archive")
      .description("move old rows of a dataset and its family to the archive table or to cold storage")
      .argument("<dataset>")
      .option("--older-than <age>", "90d, 12w, 2y")
      .option("--before <date>", "a day or an instant")
      .requiredOption("--to <target>", "archive, or cold:NAME of an object store"),
  ).action(archive);
  withRun(
    program
      .command("restore")
      .description("bring rows back to the hot table")
      .argument("<dataset>")
      .requiredOption("--from <tier>", "archive or cold")
      .option("--since <date>", "rows from then on")
      .option("--until <date>", "rows before then"),
  ).action(restore);
  withRun(
    program
      .command("relocate")
      .description("move the cold segments of a dataset and its family from one object store to another")
      .argument("<dataset>")
      .requiredOption("--from <store>", "object store that holds them")
      .requiredOption("--to <store>", "object store that shall hold them"),
  ).action(relocate);
  withRun(
    program
      .command("optimize")
      .description(
        "what the store offers: vacuum, vacuumAnalyze, analyze, reindex or vacuumFull in PostgreSQL",
      )
      .argument("<dataset>")
      .argument("<action>")
      .option("--index <name>", "of one index, for reindex")
      .option("--archive", "the archive table instead of the hot one"),
  ).action(optimize);
  withRun(
    program.command("count").description("count the rows exactly, in every tier").argument("<dataset>"),
  ).action(count);
}

async function archive(
  name: string,
  options: RunOptions & { olderThan?: string; before?: string; to: string },
) {
  const actor = cliActor();
  const { datasetId } = await datasetNamed(actor, name);
  const params = { datasetId, cutoff: cutoffOf(options), target: await targetOf(options.to) };
  await runPlan(actor, { kind: "archive", params }, options);
}

function cutoffOf({ olderThan, before }: { olderThan?: string; before?: string }): ArchiveParams["cutoff"] {
  if (olderThan && !before) return { days: daysOf(olderThan) };
  if (before && !olderThan) return { at: instantOf(before) };
  throw new AppError(
    "bad_input",
    "Say from when on rows are old: either --older-than 90d or --before 2026-08-22.",
  );
}

async function targetOf(to: string): Promise<ArchiveParams["target"]> {
  if (to === "archive") return { tier: "archive" };
  const name = /^cold:(.+)$/.exec(to)?.[1];
  if (!name) throw new AppError("bad_input", `"${to}" is no target. Write archive, or cold:NAME.`);
  return { tier: "cold", storeId: (await storeNamed(cliActor(), name)).storeId };
}

async function restore(name: string, options: RunOptions & { from: string; since?: string; until?: string }) {
  const actor = cliActor();
  const { from, since, until } = options;
  if (from !== "archive" && from !== "cold") {
    throw new AppError("bad_input", `"${from}" is no tier to restore from. Write archive or cold.`);
  }
  const { datasetId } = await datasetNamed(actor, name);
  const range = { from: since ? instantOf(since) : null, until: until ? instantOf(until) : null };
  await runPlan(actor, { kind: "restore", params: { datasetId, from, range } }, options);
}

async function relocate(name: string, options: RunOptions & { from: string; to: string }) {
  const actor = cliActor();
  const { datasetId } = await datasetNamed(actor, name);
  const [from, to] = [await storeNamed(actor, options.from), await storeNamed(actor, options.to)];
  const params = { datasetId, from: from.storeId, to: to.storeId };
  await runPlan(actor, { kind: "relocate", params }, options);
}

async function optimize(
  name: string,
  action: string,
  options: RunOptions & { index?: string; archive?: boolean },
) {
  const actor = cliActor();
  const { datasetId } = await datasetNamed(actor, name);
  const known = (await getDataset(actor, { datasetId })).optimizeActions.map((one) => one.kind);
  if (!known.includes(action))
    throw new AppError(
      "bad_input",
      known.length > 0
        ? `"${action}" is no such action. Write one of ${known.join(", ")}.`
        : `The store of ${name} has nothing to optimize.`,
    );
  const tier = options.archive ? ("archive" as const) : ("hot" as const);
  const params = {
    datasetId,
    tier,
    action: { kind: action, ...(options.index ? { index: options.index } : {}) },
  };
  await runPlan(actor, { kind: "optimize", params }, options);
}

async function count(name: string, options: RunOptions) {
  const actor = cliActor();
  const { datasetId } = await datasetNamed(actor, name);
  await runPlan(actor, { kind: "count", params: { datasetId } }, options);
}
