import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { db } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { type TestControl, testControl } from "@/lib/control/testing";
import { stopQueue } from "@/lib/jobs/queue";
import { crashAt, operationRow, plan, run } from "@/lib/operations/testing";
import type { PlanInput } from "@/lib/schemas/plan";
import { searchInputSchema } from "@/lib/schemas/search";
import { searchPage } from "@/lib/search/search";
import { nastyDocuments, nastyKeys, nastyValues } from "@/lib/stores/mongodb/nasty";
import { openTestMongo, type TestMongo } from "@/lib/stores/mongodb/testing";
import { vendor } from "@/lib/stores/mongodb/vendor";
import { closeStores } from "@/lib/stores/open";
import { testServer } from "@/lib/stores/testing/servers";

const server = testServer("mongodb");
const MAY = Date.UTC(2026, 4, 1);
const DAY = 86_400_000;
const CUTOFF = new Date(MAY + 40 * DAY).toISOString();

describe.skipIf(!server)("a collection through the operations", () => {
  let mongo: TestMongo;
  let control: TestControl;
  let folder: string;
  let datasetId: string;
  let stores: string[];
  let name = "";
  let archive: PlanInput;
  const restore = (): PlanInput => ({
    kind: "restore",
    params: { datasetId, from: "cold", range: { from: null, until: null } },
  });

  beforeAll(async () => {
    if (!server) return;
    mongo = await openTestMongo(server);
    control = await testControl();
    folder = mkdtempSync(join(tmpdir(), "strata-mongo-"));
    const { password, ...config } = mongo.config;
    const store = await db().store.create({
      data: { name: "documents", kind: "mongodb", config, writesEnabled: true },
    });
    const secretCipher = encrypt(JSON.stringify({ password }), store.id);
    await db().store.update({ where: { id: store.id }, data: { secretCipher } });
    const cold = await db().store.create({
      data: { name: "cold", kind: "folder", config: { path: folder }, writesEnabled: true },
    });
    stores = [store.id, cold.id];
  });
  beforeEach(async ({ task }) => {
    name = `对话 "${task.name.slice(0, 8)}"`;
    const nothing = { tenant: null, user: null, status: null, tokens: null, prompt: null, answer: null };
    const roles = {
      ...nothing,
      key: ["_id"],
      time: { column: "at", unit: "timestamptz" },
      model: "model",
      text: ["text"],
    };
    const dataset = await db().dataset.create({
      data: { storeId: stores[0] ?? "", schemaName: mongo.name, name, tableName: name, roles },
    });
    datasetId = dataset.id;
    archive = {
      kind: "archive",
      params: { datasetId, cutoff: { at: CUTOFF }, target: { tier: "cold", storeId: stores[1] ?? "" } },
    };
  });
  afterAll(async () => {
    if (!server) return;
    await closeStores();
    await mongo.drop();
    await stopQueue(0);
    await control.drop();
    rmSync(folder, { recursive: true, force: true });
  });

  const insert = async (documents: readonly Map<string, unknown>[]) => {
    for (let from = 0; from < documents.length; from += 100) {
      const answer = await mongo.db.command({ insert: name, documents: documents.slice(from, from + 100) });
      expect(answer.writeErrors).toBeUndefined();
    }
  };
  const whole = async () =>
    (await mongo.collection(name).find({}, { raw: true }).toArray())
      .map((one) => Buffer.from(one as unknown as Uint8Array).toString("hex"))
      .sort();
  const search = async (query: Record<string, unknown>) => {
    const keys: string[] = [];
    const tiers = new Set<string>();
    for (let cursor: string | null = null; ; ) {
      const page = await searchPage(
        searchInputSchema.parse({ datasetIds: [datasetId], cursor, ...query }),
        AbortSignal.timeout(60_000),
      );
      expect(page.failures).toEqual([]);
      for (const row of page.rows) {
        keys.push(row.key[0] ?? "");
        tiers.add(row.tier);
      }
      if (page.next === null) return { keys, tiers };
      cursor = page.next;
    }
  };
  /**
   * mongo-java-server breaks off at the old binary subtype 2, forgets subtypes of one's own and compares neither patterns
   * nor empty arrays inside of documents.
   */
  const valuesHere = async () => {
    const real = await mongo.db.command({ hello: 1 }).then(
      () => true,
      () => false,
    );
    const { Binary, BSONRegExp } = vendor();
    const foreign = (value: unknown) =>
      value instanceof BSONRegExp ||
      (Array.isArray(value) && JSON.stringify(value).includes("[]")) ||
      (value instanceof Binary && ![0, 4].includes(value.sub_type));
    return nastyValues().filter((value) => real || !foreign(value));
  };
  const fill = () =>
    insert(
      Array.from({ length: 180 }, (_, n): Map<string, unknown> => {
        const common: [string, unknown][] = [
          ["_id", `id-${String(n).padStart(3, "0")}`],
          ["at", new Date(MAY + Math.floor(n / 3) * DAY)],
        ];
        const model: [string, unknown] = ["model", n % 3 === 1 ? "qwen" : "gpt"];
        const text: [string, unknown] = ["text", n % 3 === 0 ? `问题 ${n / 3}.` : `answer ${n} (a+b)`];
        return new Map(n % 3 === 2 ? [...common, text, model, ["only", n]] : [...common, model, text]);
      }),
    );

  test("archives to cold with proof, is searched in both tiers, and comes back", async () => {
    await fill();
    const before = await whole();
    const range = { from: "2026-05-01T00:00:00.000Z", limit: 7 };
    const all = await search(range);
    expect(new Set(all.keys).size).toBe(180);

    const archived = await plan(archive);
    expect(await run(archived)).toBe("succeeded");
    expect((await operationRow(archived)).proof).toMatchObject({
      complete: true,
      lines: [{ rows: { source: "120", target: "120" }, equal: true }],
    });
    expect(await mongo.collection(name).countDocuments({})).toBe(60);

    const both = await search(range);
    expect(both.keys).toEqual(all.keys);
    expect(both.tiers).toEqual(new Set(["hot", "cold"]));
    expect((await search({ q: '"问题 3"' })).keys).toHaveLength(11);
    expect((await search({ q: '"(A+B)"' })).keys).toHaveLength(120);
    expect((await search({ model: "qwen" })).keys).toHaveLength(60);

    expect(await run(await plan(restore()))).toBe("succeeded");
    expect(await whole()).toEqual(before);
    expect((await search(range)).keys).toEqual(all.keys);
  }, 60_000);

  test("brings values, shapes and keys of every kind back byte by byte, twice", async () => {
    const at: [string, unknown] = ["at", new Date(MAY)];
    await insert([
      ...(await valuesHere()).map(
        (value, n) => new Map<string, unknown>([["_id", `v${n}`], at, ["v", value]]),
      ),
      ...nastyDocuments().map((fields, n) => new Map<string, unknown>([["_id", `d${n}`], at, ...fields])),
      ...nastyKeys().map((key) => new Map<string, unknown>([["_id", key], at, ["v", "key"]])),
      new Map<string, unknown>([
        ["_id", "no time"],
        ["v", 1],
      ]),
    ]);
    const before = await whole();
    for (const _ of [1, 2]) {
      const archived = await plan(archive);
      const state = await run(archived);
      expect({ state, error: (await operationRow(archived)).error }).toEqual({
        state: "succeeded",
        error: null,
      });
      expect((await operationRow(archived)).proof).toMatchObject({ complete: true });
      const left = await mongo.collection(name).find({}).toArray();
      expect(left).toEqual([{ _id: "no time", v: 1 }]);
      expect(await run(await plan(restore()))).toBe("succeeded");
      expect(await whole()).toEqual(before);
    }
  }, 60_000);

  test("goes on after a crash although the documents look otherwise by then", async () => {
    await fill();
    const before = await whole();
    for (let nth = 1; nth < 30; nth += 1) {
      const archived = await plan(archive);
      const crashed = await crashAt(archived, nth, "afterSave");
      await insert([
        new Map<string, unknown>([
          ["_id", `new ${nth}`],
          ["at", new Date(MAY + 50 * DAY)],
          [`field ${nth}`, nth],
          ["model", nth],
        ]),
      ]);
      if (crashed) expect(await run(archived)).toBe("succeeded");
      expect((await operationRow(archived)).proof).toMatchObject({
        complete: true,
        lines: [{ equal: true }],
      });
      expect(await mongo.collection(name).countDocuments({ at: { $lt: new Date(CUTOFF) } })).toBe(0);
      expect(await run(await plan(restore()))).toBe("succeeded");
      expect((await whole()).filter((one) => before.includes(one))).toHaveLength(180);
      if (!crashed) break;
    }
  }, 120_000);
});
