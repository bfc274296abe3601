import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { type TestControl, testControl } from "@/lib/control/testing";
import { stopQueue } from "@/lib/jobs/queue";
import { makePlan } from "@/lib/operations/plans";
import { ACTOR, operationRow, plan, run } from "@/lib/operations/testing";
import type { PlanInput } from "@/lib/schemas/plan";
import { searchInputSchema } from "@/lib/schemas/search";
import { searchPage } from "@/lib/search/search";
import { ES_SERVERS, EsAdmin, sameDocument } from "@/lib/stores/elasticsearch/testing";
import { closeStores } from "@/lib/stores/open";
import { testServer } from "@/lib/stores/testing/servers";

const SERIES = "strata-ops-runs-t1-{YYYY.MM}";
const MONTHS = ["2026.01", "2026.02", "2026.03", "2026.04"];
const INDICES = MONTHS.map((month) => `strata-ops-runs-t1-${month}`);
const CUTOFF = "2026-03-01T00:00:00.000Z";
const PER_MONTH = 30;

/** As Dify's repository of the series writes them: texts and keywords, payloads that are not indexed. */
const FIELDS = {
  created_at: { type: "date" },
  inputs: { type: "text", analyzer: "cjk" },
  outputs: { type: "object", enabled: false },
  status: { type: "keyword" },
  tenant_id: { type: "keyword" },
  total_tokens: { type: "long" },
  elapsed_time: { type: "double" },
};

/** What no column holds as it is. All of January's first instant. */
const NASTY: readonly string[] = [
  `{"created_at":"2026-01-01T00:00:00.123456","total_tokens":9223372036854775807,"outputs":{"n":12345678901234567890,"d":0.10}}`,
  `{"created_at":"2026-01-01T00:00:00Z","total_tokens":1.0,"elapsed_time":1.0,"status":null}`,
  `{"created_at":1767225600000,"elapsed_time":0.30000000000000004,"status":["a","b"],"outputs":"text"}`,
  `{"created_at":"2026-01-01T08:00:00.000+08:00","inputs":"\\ud83d\\ude00 \\u0000 \\n\\t\\"quoted\\" \\\\ 对话","outputs":[1,{"a":[]}]}`,
  `{"created_at":"2026-01-01T00:00:00.000Z","inputs":"lone \\ud800 surrogate","a.b":{"c":1},"new field":"数据 表"}`,
  `{"created_at":"2026-01-01T00:00:00.000Z","inputs":"","status":"","outputs":{},"elapsed_time":-0.0,"total_tokens":null}`,
  `{"created_at":"2026-01-01T00:00:00.000Z","_extra":{"x":1},"elapsed_time":1e-320,"total_tokens":-9223372036854775808}`,
  `{"created_at":"2026-01-01T00:00:00.000Z","inputs":5,"status":true,"it's":"a\\"b","%\`":1}`,
];

const documents = (month: string): Record<string, string> =>
  Object.fromEntries(
    Array.from({ length: PER_MONTH }, (_, n) => {
      // Three to an instant, so that keys decide their order.
      const at = new Date(
        Date.parse(`${month.replace(".", "-")}-02T00:00:00Z`) + Math.floor(n / 3) * 3_600_000,
      );
      const source = {
        tenant_id: `t${n % 3}`,
        inputs: `问题 ${n} 人工智能 gateway timeout`,
        outputs: { answer: `答案 ${n}` },
        status: n % 5 === 0 ? "failed" : "succeeded",
        total_tokens: n,
        elapsed_time: n / 7,
        created_at: at.toISOString(),
      };
      return [`${month}-${n}`, JSON.stringify(source)];
    }),
  );

for (const name of ES_SERVERS) {
  const server = testServer(name);
  describe.skipIf(!server)(`a monthly series on ${name}, through the operations`, () => {
    if (!server) return;
    const admin = new EsAdmin(server);
    let control: TestControl;
    let folder: string;
    let datasetId: string;
    let archive: PlanInput;
    const restore = (): PlanInput => ({
      kind: "restore",
      params: { datasetId, from: "cold", range: { from: null, until: null } },
    });

    beforeAll(async () => {
      control = await testControl();
      folder = mkdtempSync(join(tmpdir(), "strata-es-"));
      const store = await db().store.create({
        data: {
          name: "search",
          kind: "elasticsearch",
          config: { host: server.host, port: server.port, ssl: "disable" },
          writesEnabled: true,
        },
      });
      const cold = await db().store.create({
        data: { name: "cold", kind: "folder", config: { path: folder }, writesEnabled: true },
      });
      const roles = {
        ...{ user: null, model: null, prompt: "inputs", answer: null },
        key: ["_index", "_id"],
        time: { column: "created_at", unit: "timestamptz" },
        tenant: "tenant_id",
        status: "status",
        tokens: "total_tokens",
        text: ["inputs"],
      };
      const dataset = await db().dataset.create({
        data: { storeId: store.id, schemaName: "series", name: "runs", tableName: SERIES, roles },
      });
      datasetId = dataset.id;
      const target = { tier: "cold", storeId: cold.id } as const;
      archive = { kind: "archive", params: { datasetId, cutoff: { at: CUTOFF }, target } };
    });
    beforeEach(async () => {
      await admin.drop(...INDICES);
      for (const [at, month] of MONTHS.entries()) {
        await admin.make(INDICES[at] ?? "", FIELDS, { "index.mapping.total_fields.limit": 2_000 });
        await admin.index(INDICES[at] ?? "", documents(month));
      }
    });
    afterAll(async () => {
      await admin.drop(...INDICES);
      await closeStores();
      await stopQueue(0);
      await control.drop();
      rmSync(folder, { recursive: true, force: true });
    });

    const search = async (query: Record<string, unknown>) => {
      const keys: string[] = [];
      const tiers = new Set<string>();
      for (let cursor: string | null = null; ; ) {
        const input = searchInputSchema.parse({ datasetIds: [datasetId], cursor, ...query });
        const page = await searchPage(input, AbortSignal.timeout(60_000));
        expect(page.failures).toEqual([]);
        for (const row of page.rows) {
          keys.push(row.key.join("/"));
          tiers.add(row.tier);
        }
        if (page.next === null) return { keys, tiers };
        cursor = page.next;
      }
    };

    test("archives to cold with proof, is searched in both tiers, and comes back", async () => {
      const before = await admin.sources(...INDICES);
      const range = { from: "2026-01-01T00:00:00.000Z", limit: 7 };
      const all = await search(range);
      expect(new Set(all.keys).size).toBe(PER_MONTH * 4);
      expect(all.keys).toHaveLength(PER_MONTH * 4);

      const archived = await plan(archive);
      expect(await run(archived)).toBe("succeeded");
      expect((await operationRow(archived)).proof).toMatchObject({
        complete: true,
        lines: [{ rows: { source: "60", target: "60" }, equal: true }],
      });
      expect((await admin.sources(...INDICES)).size).toBe(PER_MONTH * 2);

      const both = await search(range);
      expect(both.keys).toEqual(all.keys);
      expect(both.tiers).toEqual(new Set(["hot", "cold"]));
      expect((await search({ q: "人工智能" })).keys).toHaveLength(PER_MONTH * 4);
      expect((await search({ q: '"gateway timeout"', status: "failed" })).keys).toHaveLength(24);

      expect(await run(await plan(restore()))).toBe("succeeded");
      expect(sameDocument(await admin.sources(...INDICES))).toEqual(sameDocument(before));
      expect((await search(range)).keys).toEqual(all.keys);
    }, 90_000);

    test("brings documents of every kind back, also into an index that is gone", async () => {
      const [january = ""] = INDICES;
      await admin.index(january, Object.fromEntries(NASTY.map((source, at) => [`nasty/${at} "x"`, source])));
      await admin.send("PUT", `/${january}/_doc/routed?routing=数据&refresh=true`, {
        created_at: "2026-01-03T00:00:00.000Z",
      });
      await admin.send(
        "PUT",
        `/${january}/_doc/pretty?refresh=true`,
        `{\n "created_at":\n"2026-01-03T00:00:00.000Z",\n"outputs": {\n"a" : 1}}`,
      );
      const before = await admin.sources(...INDICES);
      expect(before.size).toBe(PER_MONTH * 4 + NASTY.length + 2);
      expect(await run(await plan(archive))).toBe("succeeded");
      expect((await admin.sources(...INDICES)).size).toBe(PER_MONTH * 2);
      await admin.drop(january);
      await admin.make(january, FIELDS, { "index.mapping.total_fields.limit": 2_000 });
      expect(await run(await plan(restore()))).toBe("succeeded");
      const after = await admin.sources(...INDICES);
      expect(sameDocument(after)).toEqual(sameDocument(before));
      // A second time: what was written is what is read.
      expect(await run(await plan(archive))).toBe("succeeded");
      expect(await run(await plan(restore()))).toBe("succeeded");
      expect(sameDocument(await admin.sources(...INDICES))).toEqual(sameDocument(before));
    }, 90_000);

    test("a plan tells the requests, and moving to a table is not offered", async () => {
      const made = await makePlan(archive, ACTOR);
      expect(JSON.stringify(made)).toContain("if_seq_no");
      const toTable = {
        kind: "archive",
        params: { datasetId, cutoff: { at: CUTOFF }, target: { tier: "archive" } },
      } as const;
      const blocked = await makePlan(toTable, ACTOR);
      expect(blocked.state).toBe("blocked");
      expect(JSON.stringify(blocked)).toContain("cannotMove");
    }, 30_000);
  });
}
