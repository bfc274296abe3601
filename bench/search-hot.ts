import type { Client } from "pg";
import type { RowQuery } from "@/lib/stores/rows";
import { type Bench, type BenchOptions, type BenchResult, median } from "./bench";
import { openSearchRig, ROLES, type SearchRig, timePage } from "./search-rig";
import { exchanges, random, randomWord } from "./texts";

const ROWS = 300_000;
const BATCH = 2_000;
const QUERIES = 6;
const MOST_RATIO = 1.3;
const PAGE = 50;

/** Rare and frequent words in a hot table, with and without a trigram index, against the query written by hand. */
export const bench: Bench = {
  name: "search-hot",
  summary: "rare and frequent word over 300,000 rows of PostgreSQL, with and without a trigram index",
  async run(options): Promise<BenchResult[]> {
    const rig = await openSearchRig();
    try {
      const rare = await fill(rig.app, Math.round(ROWS * options.scale), options);
      const datasetId = await rig.addDataset("talks");
      const plain = await measure(rig, datasetId, rare, "without index", options);
      const started = performance.now();
      await rig.app.query(
        `CREATE EXTENSION IF NOT EXISTS pg_trgm;
         CREATE INDEX ON talks USING gin (prompt gin_trgm_ops, answer gin_trgm_ops); ANALYZE talks`,
      );
      options.say(`trigram index built in ${((performance.now() - started) / 1000).toFixed(0)} s`);
      return [...plain, ...(await measure(rig, datasetId, rare, "with trigram index", options))];
    } finally {
      await rig.close();
    }
  },
};

/** Fills the table and returns words that one row each holds. */
async function fill(app: Client, rowCount: number, { say }: BenchOptions): Promise<string[]> {
  await app.query(`CREATE TABLE talks (id bigint PRIMARY KEY, created_at timestamptz NOT NULL, user_id text,
    model text, status text, prompt text, answer text)`);
  const texts = exchanges(say);
  const next = random(11);
  const pick = () => texts[Math.floor(next() * texts.length)] ?? { prompt: "", completion: "" };
  const rare: string[] = [];
  for (let from = 0; from < rowCount; from += BATCH) {
    const rows = Array.from({ length: Math.min(BATCH, rowCount - from) }, (_, index) => {
      const word = randomWord(next);
      if ((from + index) % Math.ceil(rowCount / 40) === 0) rare.push(word);
      const { prompt, completion } = pick();
      return [from + index, `user-${Math.floor(next() * 5000)}`, `${prompt} ${word}`, completion];
    });
    await app.query(
      `INSERT INTO talks SELECT (r->>0)::bigint, timestamptz '2026-01-01' + (r->>0)::bigint * interval '1 min', r->>1,
         'gpt-4o', 'ok', r->>2, r->>3 FROM jsonb_array_elements($1::jsonb) r`,
      [JSON.stringify(rows)],
    );
  }
  await app.query("CREATE INDEX ON talks (created_at, id)");
  await app.query("VACUUM ANALYZE talks");
  return rare;
}

/** Ours and the hand-written one alternate, word by word, round by round. */
async function measure(
  rig: SearchRig,
  datasetId: string,
  rare: readonly string[],
  how: string,
  { rounds, say }: BenchOptions,
): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const [kind, words] of [
    ["rare word", rare],
    ["frequent word", ["the", "and", "数据", "如何", "which", "python"]],
  ] as const) {
    const ours: number[] = [];
    const pages: number[] = [];
    const hand: number[] = [];
    await timePage({ q: words[0], datasetIds: [datasetId], limit: PAGE }); // connections, shapes
    for (let at = 0; at < rounds * QUERIES; at += 1) {
      const word = words[at % words.length] ?? "";
      ours.push(await timeInStore(rig.storeId, word));
      hand.push(await timeByHand(rig.app, word));
      pages.push((await timePage({ q: word, datasetIds: [datasetId], limit: PAGE })).ms);
    }
    say(
      `${kind} ${how}: ${median(ours).toFixed(1)} ms, by hand ${median(hand).toFixed(1)} ms; the whole page, control DB included, ${median(pages).toFixed(1)} ms`,
    );
    results.push({
      label: `${kind} ${how}`,
      figure: median(ours),
      unit: "ms",
      baseline: median(hand),
      ratio: median(ours) / median(hand),
      target: { op: "<=", value: MOST_RATIO },
    });
  }
  return results;
}

/** The store's search: what runs in PostgreSQL for a page, shape check, transaction and snippets included. */
async function timeInStore(storeId: string, word: string): Promise<number> {
  const { openStore } = await import("@/lib/stores/open");
  const { rows } = await openStore(storeId, "read");
  const query: RowQuery = {
    table: { schema: "public", name: "talks" },
    key: ROLES.key,
    time: ROLES.time,
    textColumns: ROLES.text,
    terms: [word],
    equals: [],
    fromUs: null,
    untilUs: null,
    after: null,
    limit: PAGE,
    columns: ["user_id", "model", "status"],
    snippetChars: 240,
    timeoutMs: 30_000,
  };
  const started = performance.now();
  await rows?.search(query, AbortSignal.timeout(60_000));
  return performance.now() - started;
}

async function timeByHand(app: Client, word: string): Promise<number> {
  const started = performance.now();
  await app.query(
    `SELECT id, created_at, user_id, model, status, left(prompt, 240), left(answer, 240) FROM talks
     WHERE prompt ILIKE $1 OR answer ILIKE $1 ORDER BY created_at DESC, id DESC LIMIT ${PAGE}`,
    [`%${word}%`],
  );
  return performance.now() - started;
}
