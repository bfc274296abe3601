import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundledServer, makeDatabase, type TestDatabase } from "@/lib/stores/postgres/testing";
import type { RowAccess, RowQuery } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";

const signal = () => AbortSignal.timeout(20_000);
let database: TestDatabase;
let store: Store;
let rows: RowAccess;

beforeAll(async () => {
  database = await makeDatabase(bundledServer());
  store = database.open();
  if (!store.rows) throw new Error("no rows");
  rows = store.rows;
});
afterAll(() => database.drop());

const ref = (name: string) => ({ schema: "public", name });

const query = (name: string): RowQuery => ({
  table: ref(name),
  key: ["id"],
  time: { column: "at", unit: "timestamptz" },
  textColumns: ["body"],
  terms: ["needle"],
  equals: [],
  fromUs: null,
  untilUs: null,
  after: null,
  limit: 50,
  columns: [],
  snippetChars: 40,
  timeoutMs: 10_000,
});

describe("search", () => {
  beforeAll(async () => {
    await database.sql(`
      CREATE TABLE talk (id bigint PRIMARY KEY, at timestamptz NOT NULL, model text, body text, extra json);
      CREATE INDEX ON talk (at, id);
      INSERT INTO talk SELECT n, '2025-01-01'::timestamptz + n * interval '1 minute', 'm' || n % 2,
        CASE WHEN n % 100 = 0 THEN repeat('前', 300) || ' NeeDle 中文 50%_off ' || n ELSE 'hay ' || n END, '{"k": "v"}' FROM generate_series(1, 3000) n;
      ANALYZE talk`);
  });

  test("pages are newest first and neither skip nor double", async () => {
    const seen: string[] = [];
    let after: RowQuery["after"] = null;
    for (let turn = 0; turn < 20; turn++) {
      const page = await rows.search({ ...query("talk"), limit: 7, after }, signal());
      expect(page.incomplete).toBe(false);
      seen.push(...page.rows.map((row) => row.key[0] ?? ""));
      after = page.next;
      if (!after) break;
    }
    expect(seen).toEqual(Array.from({ length: 30 }, (_, n) => String(3000 - n * 100)));
  });

  test.each(["中文", "needle 中文", "50%_off", "%", "NEEDLE"])(
    "finds %s, any case, wildcards taken as they are",
    async (term) => {
      const page = await rows.search({ ...query("talk"), terms: [term], columns: ["model"] }, signal());
      expect(page.rows).toHaveLength(30);
      expect(page.rows[0]?.values.body?.toLowerCase()).toContain(term.toLowerCase());
      expect(page.rows[0]?.values.model).toBe("m0");
      expect(page.rows[0]?.timeUs).toBe(BigInt(Date.UTC(2025, 0, 1)) * 1_000n + 3_000n * 60_000_000n);
    },
  );

  test("all terms and all filters must hold", async () => {
    const none = await rows.search({ ...query("talk"), terms: ["needle", "absent"] }, signal());
    expect(none).toEqual({ rows: [], next: null, incomplete: false });
    const filtered = await rows.search(
      {
        ...query("talk"),
        equals: [{ column: "model", value: "m0" }],
        fromUs: BigInt(Date.UTC(2025, 0, 2)) * 1_000n,
      },
      signal(),
    );
    expect(filtered.rows).toHaveLength(16);
    const wrong = await rows.search({ ...query("talk"), equals: [{ column: "id", value: "abc" }] }, signal());
    expect(wrong.rows).toEqual([]);
  });

  test("without terms the newest rows come", async () => {
    const page = await rows.search({ ...query("talk"), terms: [], limit: 2 }, signal());
    expect(page.rows.map((row) => row.key[0])).toEqual(["3000", "2999"]);
  });

  test("when time runs out, what was found comes with where to go on", async () => {
    await database.sql(
      "CREATE FUNCTION slow(text) RETURNS text LANGUAGE plpgsql VOLATILE COST 1 AS $$ BEGIN PERFORM pg_sleep(0.0005); RETURN $1; END $$; CREATE VIEW slow_talk AS SELECT id, at, slow(body) AS body FROM talk",
    );
    const first = await rows.search({ ...query("slow_talk"), timeoutMs: 400 }, signal());
    expect(first.incomplete).toBe(true);
  });
});

describe("optimize", () => {
  test("dead rows make vacuum worth while, and it runs with progress", async () => {
    await database.sql(
      "CREATE TABLE tidy (id int PRIMARY KEY, body text) WITH (autovacuum_enabled = off); INSERT INTO tidy SELECT n, repeat('x', 300) FROM generate_series(1, 5000) n; SELECT pg_stat_force_next_flush()",
    );
    await database.sql("DELETE FROM tidy WHERE id % 2 = 0; SELECT pg_stat_force_next_flush()");
    await database.sql("ANALYZE tidy");
    const worthOf = async (kind: string) =>
      (await store.optimize?.offers(ref("tidy"), signal()))?.find((offer) => offer.action.kind === kind)
        ?.plan;
    // The statistics collector is told a moment later.
    await expect.poll(async () => (await worthOf("vacuum"))?.advice.worth, { timeout: 5_000 }).toBe("yes");
    expect(await worthOf("vacuumFull")).toMatchObject({
      lock: "all",
      advice: { key: "tableBloat" },
    });
    for (const kind of ["vacuumAnalyze", "reindex", "vacuumFull", "analyze", "vacuum"] as const) {
      const phases: string[] = [];
      for await (const step of store.optimize?.run(ref("tidy"), { kind }, signal()) ?? [])
        phases.push(step.phase);
      expect(phases.at(-1)).toBe("done");
    }
    expect((await store.stats(ref("tidy"), null, signal())).heapBytes).toBeLessThan(1_200_000);
  });

  test("an index that is not the table's is not found", async () => {
    const run = async () => {
      for await (const _ of store.optimize?.run(
        ref("tidy"),
        { kind: "reindex", index: 'x"; DROP' },
        signal(),
      ) ?? []);
    };
    await expect(run()).rejects.toMatchObject({ code: "not_found" });
  });

  test("query statistics come where the extension is, and a hint where it is not", async () => {
    expect(await store.queryStats?.(signal())).toMatchObject({ available: false, hintKey: "notInstalled" });
    await database.sql("CREATE EXTENSION pg_stat_statements");
    const stats = await store.queryStats?.(signal());
    expect(stats?.available).toBe(true);
    expect(stats?.queries.length).toBeGreaterThan(0);
    expect(stats?.connections?.max).toBeGreaterThan(0);
  });
});
