import fc from "fast-check";
import { Client } from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestDatabase, testDatabase } from "@/lib/control/testing";
import { openScratch, type Scratch } from "@/lib/segments/fixture";
import type { Cursor } from "@/lib/stores/batch";
import { postgresDriver } from "@/lib/stores/postgres/store";
import type { RowQuery } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { type ColdRow, searchCold } from "./cold";
import { type Talk, talkQuery, writeTalks } from "./fixture";
import { parseQuery } from "./parse";

const signal = AbortSignal.timeout(240_000);
let database: TestDatabase;
let sql: Client;
let store: Store;
let scratch: Scratch;

beforeAll(async () => {
  [database, scratch] = await Promise.all([testDatabase(), openScratch()]);
  sql = new Client({ connectionString: database.url });
  await sql.connect();
  await sql.query(
    "CREATE TABLE talks (id bigint PRIMARY KEY, created_at timestamptz, user_id text, model text, prompt text, answer text)",
  );
  const url = new URL(database.url);
  const config = postgresDriver.config.parse({
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1),
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    ssl: "disable",
  });
  store = postgresDriver.open(config, { access: "read", name: "test", timeoutMs: 10_000, connections: 2 });
});
afterAll(async () => {
  await store.close();
  await sql.end();
  await scratch.remove();
  await database.drop();
});

// The test server's locale is C, which knows the case of A to Z only; other cased letters stand in one case here.
const letters = [..."aAbBkKzZ09é日志归档冷存储%_\\'\"[](){}.*+?^$|-/ \n\t😀"];
const text = fc.option(
  fc.array(fc.constantFrom(...letters), { maxLength: 14 }).map((chars) => chars.join("")),
  { nil: null },
);
const row = fc.record({
  atUs: fc.bigInt(0n, 4n).map((at) => 1_767_225_600_000_000n + at),
  user: fc.constantFrom(null, "u1", "u 2", "U1"),
  prompt: text,
  answer: text,
});
const word = fc.array(fc.constantFrom(...letters.filter((letter) => letter !== '"')), {
  minLength: 1,
  maxLength: 3,
});

it("finds the same rows, pages and order in a table and in its segment", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 25 }),
      fc.array(word, { minLength: 1, maxLength: 2 }),
      fc.option(fc.constantFrom("u1", "u 2"), { nil: null }),
      async (rows, words, user) => {
        const talks = rows.map((shape, id): Talk => ({ id, model: null, ...shape }));
        await fill(talks);
        const manifest = await writeTalks(scratch.objects, scratch.scratchDir, byTime(talks));
        const { terms } = parseQuery(words.map((chars) => `"${chars.join("")}"`).join(" "), "byFilters");
        const asked = { terms, user };
        const cold = await walkCold([{ manifest, objects: scratch.objects }], asked);
        expect(await walkHot(asked)).toEqual(cold);
      },
    ),
    { numRuns: 80 },
  );
}, 120_000);

const byTime = (talks: readonly Talk[]): Talk[] =>
  [...talks].sort((a, b) => Number((a.atUs ?? 0n) - (b.atUs ?? 0n)) || a.id - b.id);

async function fill(talks: readonly Talk[]): Promise<void> {
  await sql.query("TRUNCATE talks");
  await sql.query(
    `INSERT INTO talks SELECT (r->>0)::bigint, 'epoch'::timestamptz + (r->>1)::bigint * interval '1 us', r->>2, r->>3, r->>4, r->>5
     FROM jsonb_array_elements($1::jsonb) r`,
    [JSON.stringify(talks.map((t) => [t.id, t.atUs?.toString(), t.user, t.model, t.prompt, t.answer]))],
  );
}

interface Asked {
  terms: readonly string[];
  user: string | null;
}

const LIMIT = 3;

async function walkHot({ terms, user }: Asked): Promise<string[]> {
  const found: string[] = [];
  for (let after: Cursor | null = null; ; ) {
    const query: RowQuery = {
      table: { schema: "public", name: "talks" },
      key: ["id"],
      time: { column: "created_at", unit: "timestamptz" },
      textColumns: ["prompt", "answer"],
      terms,
      equals: user ? [{ column: "user_id", value: user }] : [],
      fromUs: null,
      untilUs: null,
      after,
      limit: LIMIT,
      columns: ["user_id"],
      snippetChars: 12,
      timeoutMs: 10_000,
    };
    const page = await store.rows?.search(query, signal);
    found.push(
      ...(page?.rows ?? []).map((each) => JSON.stringify([each.key, each.values, String(each.timeUs)])),
    );
    if (!page?.next) return found;
    after = page.next;
  }
}

async function walkCold(
  segments: Parameters<typeof searchCold>[0],
  { terms, user }: Asked,
): Promise<string[]> {
  const found: string[] = [];
  for (let after: ColdRow | null = null; ; ) {
    const query = talkQuery({
      terms,
      equals: user ? [{ role: "user", column: "user_id", value: user }] : [],
      after: after && { timeUs: after.timeUs, key: after.key },
      limit: LIMIT,
      columns: ["user_id"],
      snippetChars: 12,
    });
    const rows: ColdRow[] = [];
    const run = searchCold(segments, query, signal);
    for (let step = await run.next(); !step.done; step = await run.next()) rows.push(...step.value);
    const shape = (each: ColdRow) => JSON.stringify([each.key, each.values, String(each.timeUs)]);
    found.push(...rows.map(shape));
    if (rows.length < LIMIT) return found;
    after = rows.at(-1) ?? null;
  }
}
