import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cursor } from "@/lib/stores/batch";
import { ES_SERVERS, EsAdmin, openEs, rowsOfStore } from "@/lib/stores/elasticsearch/testing";
import type { RowAccess, RowQuery } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";

const INDEX = "strata-search";
const LONG = `${"前言。".repeat(400)} The running gateways were timing out, 人工智能 ${"结语。".repeat(400)}`;

const FIELDS = {
  at: { type: "date" },
  cjk: { type: "text", analyzer: "cjk" },
  english: { type: "text", analyzer: "english" },
  code: { type: "keyword" },
  count: { type: "integer" },
  done: { type: "boolean" },
  payload: { type: "object", enabled: false },
  nested: { properties: { note: { type: "text" } } },
};

const query = (more: Partial<RowQuery>): RowQuery => ({
  table: { schema: "index", name: INDEX },
  key: ["_id"],
  time: { column: "at", unit: "timestamptz" },
  textColumns: ["cjk", "english"],
  terms: [],
  equals: [],
  fromUs: null,
  untilUs: null,
  after: null,
  limit: 10,
  columns: ["code", "count"],
  snippetChars: 80,
  timeoutMs: 10_000,
  ...more,
});

for (const name of ES_SERVERS) {
  const server = testServer(name);
  describe.skipIf(!server)(`search on ${name}`, () => {
    if (!server) return;
    const admin = new EsAdmin(server);
    let store: Store;
    let rows: RowAccess;
    const found = async (more: Partial<RowQuery>) =>
      (await rows.search(query(more), AbortSignal.timeout(20_000))).rows;
    const ids = async (more: Partial<RowQuery>) => (await found(more)).map(({ key }) => key[0]);

    beforeAll(async () => {
      await admin.drop(INDEX);
      await admin.make(INDEX, FIELDS, { number_of_shards: 3 });
      const documents: Record<string, string> = {
        a: `{"at":"2026-01-01T00:00:00.000Z","cjk":"人工智能改变世界","code":"x-1","count":3,"done":true}`,
        b: `{"at":"2026-01-02T00:00:00.000Z","cjk":"人工 与 智能","code":"x-2","payload":{"cjk":"秘密"}}`,
        c: `{"at":"2026-01-03T00:00:00.000Z","english":${JSON.stringify(LONG)},"nested":{"note":"deep gateway"}}`,
        d: `{"at":"2026-01-04T00:00:00.000Z","english":"gateway timeout","code":"y*1"}`,
      };
      for (let n = 0; n < 60; n += 1)
        documents[`tie-${String(n).padStart(2, "0")}`] = `{"at":"2025-06-01T00:00:00.000Z","code":"tie"}`;
      await admin.index(INDEX, documents);
      store = openEs(server, "read");
      rows = rowsOfStore(store);
    });
    afterAll(async () => {
      await store?.close();
      await admin.drop(INDEX);
    });

    test("finds Chinese by phrases of two characters each", async () => {
      expect(await ids({ terms: ["人工智能"], textColumns: ["cjk"] })).toEqual(["a"]);
      expect(await ids({ terms: ["智能"], textColumns: ["cjk"] })).toEqual(["b", "a"]);
      expect(await ids({ terms: ["智能", "人工"], textColumns: ["cjk"] })).toEqual(["b", "a"]);
    });

    test("finds words as the analyzer cuts them, and shows a piece around them", async () => {
      expect(await ids({ terms: ["gateway"] })).toEqual(["d", "c"]);
      const [, long] = await found({ terms: ["gateway"] });
      expect(long?.values.english).toContain("gateways");
      expect(long?.values.english?.length).toBeLessThanOrEqual(80);
      expect(await ids({ terms: ["timeout gateway"] })).toEqual([]);
      const [stemmed] = await found({ terms: ["time out"] });
      expect(stemmed?.values.english).toContain("timing out");
    });

    test("looks into objects and keywords, and filters by value", async () => {
      expect(await ids({ terms: ["deep"], textColumns: ["nested"] })).toEqual(["c"]);
      expect(await ids({ terms: ["X-"], textColumns: ["code"] })).toEqual(["b", "a"]);
      expect(await ids({ terms: ["*"], textColumns: ["code"] })).toEqual(["d"]);
      expect(await ids({ equals: [{ column: "code", value: "x-1" }] })).toEqual(["a"]);
      expect(await ids({ equals: [{ column: "count", value: "3" }] })).toEqual(["a"]);
      expect(await ids({ equals: [{ column: "count", value: "three" }] })).toEqual([]);
      expect(await ids({ equals: [{ column: "done", value: "true" }] })).toEqual(["a"]);
      expect(await ids({ equals: [{ column: "_id", value: "d" }] })).toEqual(["d"]);
    });

    test("says that a field is not indexed", async () => {
      await expect(found({ terms: ["秘密"], textColumns: ["payload"] })).rejects.toMatchObject({
        key: "elasticsearch.notIndexed",
      });
    });

    test.each([1, 7, 25, 200])(
      "pages of %i rows neither skip nor double, with ties",
      async (limit) => {
        const seen: string[] = [];
        for (let after: Cursor | null = null; ; ) {
          const page = await rows.search(query({ after, limit }), AbortSignal.timeout(20_000));
          seen.push(...page.rows.map(({ key }) => key[0] ?? ""));
          if (!page.next) break;
          after = page.next;
        }
        const ties = Array.from({ length: 60 }, (_, n) => `tie-${String(59 - n).padStart(2, "0")}`);
        expect(seen).toEqual(["d", "c", "b", "a", ...ties]);
      },
      30_000,
    );

    test("without a time rows come by key", async () => {
      const page = await rows.search(query({ time: null, limit: 3 }), AbortSignal.timeout(20_000));
      expect(page.rows.map(({ key }) => key[0])).toEqual(["tie-59", "tie-58", "tie-57"]);
      expect(page.next).toEqual(["tie-57"]);
    });
  });
}
