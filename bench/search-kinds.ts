import { elasticsearchStory, opensearchStory } from "@/e2e/kinds/elasticsearch";
import { type KindStory, seedRows } from "@/e2e/kinds/kind-story";
import { mongodbStory } from "@/e2e/kinds/mongodb";
import { mysqlStory } from "@/e2e/kinds/mysql";
import { postgresStory } from "@/e2e/kinds/postgres";
import { redisStory } from "@/e2e/kinds/redis";
import { runningServer } from "@/e2e/servers/testing";
import { ACTOR } from "./app-database";
import { type Bench, type BenchOptions, type BenchResult, median } from "./bench";
import { openSearchRig } from "./search-rig";

const STORIES: readonly KindStory[] = [
  postgresStory,
  mysqlStory,
  elasticsearchStory,
  opensearchStory,
  mongodbStory,
  redisStory,
];
const ROWS = 5_000;
const QUERIES = 5;
const MOST_RATIO = 1.2;
const FIRST_ROWS_MS = 300;

/** One search over stores of six servers at once, against the slowest of them asked alone. */
export const bench: Bench = {
  name: "search-kinds",
  summary: "one search over the stores of six servers, against the slowest of them alone",
  async run(options): Promise<BenchResult[]> {
    const rig = await openSearchRig();
    try {
      const word = `bench${Date.now().toString(36)}`;
      const datasetIds: string[] = [];
      for (const story of STORIES) datasetIds.push(await addStory(story, word, options));
      return await measure(datasetIds, word, options);
    } finally {
      await rig.close();
    }
  },
};

async function addStory(story: KindStory, word: string, { scale, say }: BenchOptions): Promise<string> {
  const { parseUrl } = await import("@/lib/services/stores/parse-url");
  const { createStore } = await import("@/lib/services/stores/create");
  const { listTables } = await import("@/lib/services/stores/tables");
  const { createDataset } = await import("@/lib/services/datasets/create");
  const server = runningServer(story.server);
  if (!server) throw new Error(`${story.server} is not here: start it with npm run servers -- --detach`);
  const rows = seedRows(word, 0, Math.round(ROWS * scale));
  const table = await story.seed(server, rows);
  const config = await parseUrl(ACTOR, { kind: story.kind, url: story.address(server) });
  const { storeId } = await createStore(ACTOR, { name: story.server, kind: story.kind, config });
  const found = (await listTables(ACTOR, { storeId })).find(({ name }) => name === table);
  if (!found) throw new Error(`${story.server} does not list ${table}`);
  const { schema, name, proposal } = found;
  const dataset = await createDataset(ACTOR, {
    storeId,
    schemaName: schema,
    tableName: name,
    name: `${story.server} ${name}`,
    roles: proposal.roles,
    preset: null,
    keepDays: null,
    parentId: null,
    parentLink: null,
  });
  say(`${story.server}: ${rows.length} rows`);
  return dataset.datasetId;
}

async function measure(
  datasetIds: readonly string[],
  word: string,
  { rounds, say }: BenchOptions,
): Promise<BenchResult[]> {
  const all: Timed[] = [];
  const alone = new Map<string, number[]>(datasetIds.map((id) => [id, []]));
  for (const id of datasetIds) await timed(word, [id]); // connections, shapes
  for (let turn = 0; turn < rounds * QUERIES; turn += 1) {
    all.push(await timed(word, datasetIds));
    for (const id of datasetIds) alone.get(id)?.push((await timed(word, [id])).ms);
  }
  const slowest = Math.max(...[...alone.values()].map(median));
  const whole = median(all.map(({ ms }) => ms));
  const first = median(all.map(({ firstMs }) => firstMs));
  for (const [index, times] of [...alone.values()].entries())
    say(`${STORIES[index]?.server}: ${median(times).toFixed(1)} ms alone`);
  return [
    {
      label: "complete",
      figure: whole,
      unit: "ms",
      baseline: slowest,
      ratio: whole / slowest,
      target: { op: "<=", value: MOST_RATIO },
    },
    {
      label: "first rows",
      figure: first,
      unit: "ms",
      baseline: null,
      ratio: first,
      target: { op: "<=", value: FIRST_ROWS_MS },
    },
  ];
}

interface Timed {
  /** To the complete page. */
  ms: number;
  /** To the first rows. */
  firstMs: number;
}

async function timed(q: string, datasetIds: readonly string[]): Promise<Timed> {
  const { searchInputSchema } = await import("@/lib/schemas/search");
  const { searchDatasets } = await import("@/lib/search/search");
  const input = searchInputSchema.parse({ q, datasetIds, limit: 50 });
  const started = performance.now();
  let firstMs: number | null = null;
  for await (const event of searchDatasets(input, AbortSignal.timeout(60_000))) {
    if (event.type === "rows" && event.rows.length > 0) firstMs ??= performance.now() - started;
    if (event.type === "tier" && event.state === "failed")
      throw new Error(`${event.dataset}: ${event.message}`);
  }
  if (firstMs === null) throw new Error(`nothing was found for ${q}`);
  return { ms: performance.now() - started, firstMs };
}
