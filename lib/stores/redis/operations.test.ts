import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { type TestControl, testControl } from "@/lib/control/testing";
import { stopQueue } from "@/lib/jobs/queue";
import { makePlan } from "@/lib/operations/plans";
import { ACTOR, operationRow, plan, run } from "@/lib/operations/testing";
import type { PlanInput } from "@/lib/schemas/plan";
import { searchInputSchema } from "@/lib/schemas/search";
import { searchPage } from "@/lib/search/search";
import { closeStores } from "@/lib/stores/open";
import { type TestRedis, testRedis } from "@/lib/stores/redis/testing";
import { testServer } from "@/lib/stores/testing/servers";

const MAY = Date.UTC(2026, 4, 1);
const DAY = 86_400_000;
const DAYS = 60;
const CUTOFF = new Date(MAY + 40 * DAY).toISOString();

for (const name of ["redis", "redis-cluster"]) {
  const server = testServer(name);
  describe.skipIf(!server)(`a stream on ${name}, through the operations`, () => {
    const stream = "gateway:logs";
    let redis: TestRedis;
    let control: TestControl;
    let folder: string;
    let datasetId: string;
    let archive: PlanInput;
    const restore = (): PlanInput => ({
      kind: "restore",
      params: { datasetId, from: "cold", range: { from: null, until: null } },
    });

    beforeAll(async () => {
      if (!server) return;
      redis = testRedis(server);
      control = await testControl();
      folder = mkdtempSync(join(tmpdir(), "strata-redis-"));
      const { password, ...config } = redis.config;
      const store = await db().store.create({
        data: { name: "queue", kind: "redis", config, writesEnabled: true },
      });
      const secretCipher = encrypt(JSON.stringify({ password }), store.id);
      await db().store.update({ where: { id: store.id }, data: { secretCipher } });
      const cold = await db().store.create({
        data: { name: "cold", kind: "folder", config: { path: folder }, writesEnabled: true },
      });
      const nothing = { tenant: null, user: null, status: null, tokens: null, prompt: null, answer: null };
      const roles = {
        ...nothing,
        key: ["id"],
        time: { column: "at", unit: "timestamptz" },
        model: "model",
        text: ["text"],
      };
      const dataset = await db().dataset.create({
        data: { storeId: store.id, schemaName: "streams", name: "logs", tableName: stream, roles },
      });
      datasetId = dataset.id;
      const target = { tier: "cold", storeId: cold.id } as const;
      archive = { kind: "archive", params: { datasetId, cutoff: { at: CUTOFF }, target } };
    });
    afterAll(async () => {
      if (!server) return;
      await (await redis.client(stream)).del(stream);
      await (await redis.client(`${stream}:restored`)).del(`${stream}:restored`);
      await redis.close();
      await closeStores();
      await stopQueue(0);
      await control.drop();
      rmSync(folder, { recursive: true, force: true });
    });

    /** Three entries a day, the third with its fields the other way round, one of them twice. */
    const fill = async () => {
      const client = await redis.client(stream);
      await client.del(stream);
      for (let day = 0; day < DAYS; day += 1) {
        const ms = MAY + day * DAY;
        await client.xadd(stream, `${ms}-0`, "model", "gpt", "text", `问题 ${day}`);
        await client.xadd(stream, `${ms}-9`, "model", "qwen", "text", `answer ${day}`);
        await client.xadd(stream, `${ms}-10`, "text", Buffer.from([0xff, day]), "model", "x", "model", "y");
      }
    };
    const entries = async (key: string) => {
      const found = (await (await redis.client(key)).callBuffer("XRANGE", key, "-", "+")) as [
        Buffer,
        Buffer[],
      ][];
      return found.map(([id, fields]) => `${id} ${fields.map((field) => field.toString("hex")).join(" ")}`);
    };
    const search = async (query: Record<string, unknown>) => {
      const keys: string[] = [];
      const tiers = new Set<string>();
      for (let cursor: string | null = null; ; ) {
        const input = searchInputSchema.parse({ datasetIds: [datasetId], cursor, ...query });
        const page = await searchPage(input, AbortSignal.timeout(60_000));
        expect(page.failures).toEqual([]);
        for (const row of page.rows) {
          keys.push(row.key[0] ?? "");
          tiers.add(row.tier);
        }
        if (page.next === null) return { keys, tiers };
        cursor = page.next;
      }
    };

    test("archives to cold with proof, is searched in both tiers, and comes back", async () => {
      await fill();
      const before = await entries(stream);
      const all = await search({ from: "2026-05-01T00:00:00.000Z", limit: 7 });
      expect(new Set(all.keys).size).toBe(DAYS * 3);
      expect(all.keys).toHaveLength(DAYS * 3);

      const archived = await plan(archive);
      expect(await run(archived)).toBe("succeeded");
      const { proof } = await operationRow(archived);
      expect(proof).toMatchObject({
        complete: true,
        lines: [{ rows: { source: "120", target: "120" }, equal: true }],
      });
      expect(await entries(stream)).toEqual(before.slice(120));

      const both = await search({ from: "2026-05-01T00:00:00.000Z", limit: 7 });
      expect(both.keys).toEqual(all.keys);
      expect(both.tiers).toEqual(new Set(["hot", "cold"]));
      expect((await search({ q: '"问题 3"' })).keys).toHaveLength(11);
      expect((await search({ model: "qwen" })).keys).toHaveLength(60);

      const made = await makePlan(restore(), ACTOR);
      expect(JSON.stringify(made)).toContain("redisRestoredBeside");
      expect(await run(await plan(restore()))).toBe("succeeded");
      expect(await entries(stream)).toEqual(before.slice(120));
      expect(await entries(`${stream}:restored`)).toEqual(before.slice(0, 120));
      expect((await search({ from: "2026-05-01T00:00:00.000Z", limit: 7 })).keys).toEqual(all.keys);

      expect(await run(await plan(archive))).toBe("succeeded");
      expect(await entries(`${stream}:restored`)).toEqual([]);
      expect(await (await redis.client(`${stream}:restored`)).exists(`${stream}:restored`)).toBe(0);
    }, 60_000);

    test("keeps what a consumer group has not finished, and says so beforehand", async () => {
      await fill();
      const client = await redis.client(stream);
      await client.xgroup("CREATE", stream, "workers", "0");
      await client.xreadgroup("GROUP", "workers", "w1", "COUNT", 60, "STREAMS", stream, ">");
      const first = (await client.xrange(stream, "-", "+", "COUNT", 30)).map(([id]) => id);
      await client.xack(stream, "workers", ...first);
      const made = await makePlan(archive, ACTOR);
      expect(JSON.stringify(made)).toContain("redisPending");
      expect(JSON.stringify(made)).toContain("redisUndelivered");
      const archived = await plan(archive);
      await run(archived);
      // 120 lie below the cut-off: 30 acknowledged, 30 pending, 60 never delivered.
      expect(await client.xlen(stream)).toBe(DAYS * 3 - 30);
      const { proof, state } = await operationRow(archived);
      expect({ state, proof }).toMatchObject({
        state: "succeeded",
        proof: { complete: true, kept: [{ name: "logs", rowCount: 90 }] },
      });
      expect((await search({ from: "2026-05-01T00:00:00.000Z" })).keys).toHaveLength(DAYS * 3);
    }, 60_000);
  });
}
