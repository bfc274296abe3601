import type { Command } from "commander";
import { cliActor } from "@/lib/cli/actor";
import { datasetNamed, instantOf } from "@/lib/cli/find";
import { plain, print, table } from "@/lib/cli/print";
import { sentence } from "@/lib/cli/words";
import { formatBytes } from "@/lib/format/bytes";
import { formatCount } from "@/lib/format/count";
import { listDatasets } from "@/lib/services/datasets/list";
import { getOverview } from "@/lib/services/overview/get";
import { searchOnce } from "@/lib/services/search/run";

const orDash = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? "–" : format(value);

export function addReadCommands(program: Command): void {
  program
    .command("status")
    .description("stores, what needs attention, what runs")
    .option("--json", "for programs")
    .action(async ({ json }: { json?: boolean }) => {
      const overview = await getOverview(cliActor());
      print(json ?? false, overview, () => statusText(overview));
    });
  program
    .command("datasets")
    .description("all datasets with their tiers")
    .option("--json", "for programs")
    .action(async ({ json }: { json?: boolean }) => {
      const datasets = await listDatasets(cliActor());
      print(json ?? false, datasets, () =>
        table(
          ["dataset", "store", "hot rows", "hot", "archive", "cold", "late days"],
          datasets.map((one) => [
            one.name,
            one.storeName,
            orDash(one.hot?.rowCount, (rows) => `~${formatCount(rows)}`),
            orDash(one.hot?.sizeBytes, formatBytes),
            orDash(one.archive?.sizeBytes, formatBytes),
            formatBytes(one.cold.sizeBytes),
            orDash(one.lateDays, String),
          ]),
        ),
      );
    });
  program
    .command("search")
    .description("search hot, archive and cold; words must all occur, a phrase stands in double quotes")
    .argument("[words...]")
    .option("--dataset <name...>", "only these datasets")
    .option("--tier <tier...>", "hot, archive, cold")
    .option("--user <user>")
    .option("--model <model>")
    .option("--status <status>")
    .option("--tenant <tenant>")
    .option("--from <date>")
    .option("--until <date>")
    .option("--limit <n>", "rows of one page", "50")
    .option("--cursor <cursor>", "the next page, as the last one said")
    .option("--json", "for programs")
    .action(search);
}

interface SearchOptions {
  dataset?: string[];
  tier?: ("hot" | "archive" | "cold")[];
  user?: string;
  model?: string;
  status?: string;
  tenant?: string;
  from?: string;
  until?: string;
  limit: string;
  cursor?: string;
  json?: boolean;
}

async function search(words: string[], { dataset, tier, json, limit, from, until, ...rest }: SearchOptions) {
  const actor = cliActor();
  const datasets = await Promise.all((dataset ?? []).map((name) => datasetNamed(actor, name)));
  const page = await searchOnce(
    actor,
    {
      ...rest,
      q: words.join(" "),
      limit: Number(limit),
      ...(datasets.length > 0 ? { datasetIds: datasets.map((one) => one.datasetId) } : {}),
      ...(tier ? { tiers: tier } : {}),
      ...(from ? { from: instantOf(from) } : {}),
      ...(until ? { until: instantOf(until) } : {}),
    },
    new AbortController().signal,
  );
  print(json ?? false, page, () => {
    const rows = page.rows.map((row) => {
      const text = plain(
        row.snippets.find((one) => one.matches.length > 0)?.text ?? row.snippets[0]?.text ?? "",
      );
      return [
        row.at?.slice(0, 19) ?? "–",
        row.tier,
        row.dataset,
        row.key.join(","),
        row.user ?? "–",
        text.slice(0, 60),
      ];
    });
    const more = page.next ? `\nMore: --cursor ${page.next}` : "";
    const missing = page.failures.map((failure) => `\nNot searched: ${failure}`).join("");
    return `${table(["time", "tier", "dataset", "key", "user", "text"], rows)}${missing}${more}`;
  });
}

function statusText(overview: Awaited<ReturnType<typeof getOverview>>): string {
  const stores = table(
    ["store", "kind", "state", "p95", "size"],
    overview.stores.map((store) => [
      store.name,
      store.kindLabel,
      store.state,
      orDash(store.latencyP95Ms, (ms) => `${Math.round(ms)} ms`),
      orDash(store.sizeBytes, formatBytes),
    ]),
  );
  const attention = overview.attention.map(
    (item) => `  ${item.severity.padEnd(4)}  ${plain(sentence(`attention.${item.key}.title`, item.details))}`,
  );
  const running = overview.running.map(
    (one) => `  ${Math.floor(one.progress * 100)} %  ${one.title}  ${one.state}  ${one.operationId}`,
  );
  return [
    stores,
    attention.length > 0 ? `\nNeeds attention:\n${attention.join("\n")}` : "\nNothing needs attention.",
    running.length > 0 ? `\nRunning:\n${running.join("\n")}` : "",
  ].join("\n");
}
