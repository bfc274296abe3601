import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { type TestControl, testControl } from "@/lib/control/testing";
import { stopQueue } from "@/lib/jobs/queue";
import { makePlan } from "@/lib/operations/plans";
import { ACTOR, crashAt, operationRow, plan, run } from "@/lib/operations/testing";
import type { PlanInput } from "@/lib/schemas/plan";
import { searchInputSchema } from "@/lib/schemas/search";
import { searchPage } from "@/lib/search/search";
import { closeStores } from "@/lib/stores/open";
import { type TestRedis, testRedis } from "@/lib/stores/redis/testing";
import { testServer } from "@/lib/stores/testing/servers";

/** Field, value, field, value …: what no text column holds as it is. */
const NASTY: readonly (readonly (string | Buffer)[])[] = [
  ["text", ""],
  ["text", "NULL"],
  ["", "no name"],
  ["text", "a\0b"],
  ["text", "归档 \u{1f600} a\nb\tc\r '\"\\ \u0001\uffff\ufeff"],
  ["text", Buffer.from([0xff, 0xfe, 0x00, 0x80])],
  [Buffer.from([0xc3, 0x28]), Buffer.from([0xed, 0xa0, 0x80])],
  ["id", "mine", "at", "now", "_extra", '["x"]', "ID", "2"],
  ["text", "1", "text", "1"],
  ["b", "2", "a", "1", "text", "0"],
  ["text", '{"base64":"AAAA"}'],
  ['a"b', "1", "a'b", "2", "数据 表", "3", "`%", "4", "a/b~c", "5", "text", "0012345678901234567890.10"],
  ["text", "x".repeat(300_000)],
];

/** One server's turn is enough for the slow ones. */
const STOPS: Readonly<Record<string, readonly ("beforeSave" | "afterSave")[]>> = {
  redis: ["beforeSave", "afterSave"],
};

const MAY = Date.UTC(2026, 4, 1);
const DAY = 86_400_000;
const DAYS = 60;
const CUTOFF = new Date(MAY + 40 * DAY).toISOString();

for (const name of ["redis", "redis-cluster"]) {
  const server = testServer(name);
  describe.skipIf(!server)(`a stream on ${name}, through the operations`, () => {
    let stream = "";
    let redis: TestRedis;
    let control: TestControl;
    let folder: string;
    let datasetId: string;
    let stores: string[];
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
      stores = [store.id, cold.id];
    });
    /** Each test has a stream and a dataset of its own. */
    beforeEach(async ({ task }) => {
      stream = `gateway:${task.name.slice(0, 8)}`;
      await remove();
      const nothing = { tenant: null, user: null, status: null, tokens: null, prompt: null, answer: null };
      const roles = {
        ...nothing,
        key: ["id"],
        time: { column: "at", unit: "timestamptz" },
        model: "model",
        text: ["text"],
      };
      const dataset = await db().dataset.create({
        data: { storeId: stores[0] ?? "", schemaName: "streams", name: stream, tableName: stream, roles },
      });
      datasetId = dataset.id;
      const target = { tier: "cold", storeId: stores[1] ?? "" } as const;
      archive = { kind: "archive", params: { datasetId, cutoff: { at: CUTOFF }, target } };
    });
    const remove = async () => {
      for (const key of [stream, `${stream}:restored`]) await (await redis.client(key)).del(key);
    };
    afterEach(remove);
    afterAll(async () => {
      if (!server) return;
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
      const adding = client.pipeline();
      for (let day = 0; day < DAYS; day += 1) {
        const ms = MAY + day * DAY;
        adding.xadd(stream, `${ms}-0`, "model", "gpt", "text", `问题 ${day}`);
        adding.xadd(stream, `${ms}-9`, "model", "qwen", "text", `answer ${day}`);
        adding.xadd(stream, `${ms}-10`, "text", Buffer.from([0xff, day]), "model", "x", "model", "y");
      }
      await adding.exec();
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
      expect(JSON.stringify(made)).toContain("lockNone");
      expect(await run(await plan(restore()))).toBe("succeeded");
      expect(await entries(stream)).toEqual(before.slice(120));
      expect(await entries(`${stream}:restored`)).toEqual(before.slice(0, 120));
      expect((await search({ from: "2026-05-01T00:00:00.000Z", limit: 7 })).keys).toEqual(all.keys);

      expect(await run(await plan(archive))).toBe("succeeded");
      expect(await entries(`${stream}:restored`)).toEqual([]);
      expect(await (await redis.client(`${stream}:restored`)).exists(`${stream}:restored`)).toBe(0);
    }, 60_000);

    test("brings values of every kind back byte by byte", async () => {
      const client = await redis.client(stream);
      await client.del(stream);
      for (const [at, fields] of NASTY.entries()) await client.xadd(stream, `${MAY}-${at + 1}`, ...fields);
      await client.xadd(stream, "0-1", "text", "before").catch(() => undefined);
      const before = await entries(stream);
      expect(before).toHaveLength(NASTY.length);
      expect(await run(await plan(archive))).toBe("succeeded");
      expect(await entries(stream)).toEqual([]);
      expect(await run(await plan(restore()))).toBe("succeeded");
      expect(await entries(`${stream}:restored`)).toEqual(before);
      // Again from there, and a second restore into what is empty by then.
      expect(await run(await plan(archive))).toBe("succeeded");
      expect(await run(await plan(restore()))).toBe("succeeded");
      expect(await entries(`${stream}:restored`)).toEqual(before);
    }, 60_000);

    test.each(STOPS[name] ?? [])(
      "%s: what was stopped loses nothing",
      async (hook) => {
        // The odd stops by one hook, the even ones by the other: each is a whole archive and restore.
        for (let nth = hook === "beforeSave" ? 1 : 2; nth < 40; nth += 2) {
          await remove();
          await fill();
          const before = await entries(stream);
          const archived = await plan(archive, { batchRows: 100 });
          const stopped = await crashAt(archived, nth, hook);
          if (stopped) expect(await run(archived)).toBe("succeeded");
          expect(await entries(stream)).toEqual(before.slice(120));
          const restored = await plan(restore());
          if (await crashAt(restored, nth, hook)) expect(await run(restored)).toBe("succeeded");
          expect(await entries(`${stream}:restored`)).toEqual(before.slice(0, 120));
          if (!stopped) return;
        }
        throw new Error("it never came to its end");
      },
      120_000,
    );

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
        proof: { complete: true, kept: [{ name: stream, rowCount: 90 }] },
      });
      expect((await search({ from: "2026-05-01T00:00:00.000Z" })).keys).toHaveLength(DAYS * 3);
    }, 60_000);
  });
}
