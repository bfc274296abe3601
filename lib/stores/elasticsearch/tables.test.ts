import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { digestOf, options, readAll } from "@/lib/stores/conformance-fixture";
import { seriesOf } from "@/lib/stores/elasticsearch/series";
import { ES_SERVERS, EsAdmin, openEs, rowsOfStore } from "@/lib/stores/elasticsearch/testing";
import type { FamilyScope } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";
import { testServer } from "@/lib/stores/testing/servers";

const signal = () => AbortSignal.timeout(20_000);
const ODD = ["strata-t-a'b", "strata-t-数据-表", "strata-t-`%41+b", "strata-t-{a}"];
const MONTHLY = ["strata-t-logs-2025.01", "strata-t-logs-2025.02", "strata-t-logs-x-2025.01"];
const WIDE = "strata-t-wide";
const ROLLED = ["strata-t-roll-000001", "strata-t-roll-000002"];
const ALL = [...ODD, ...MONTHLY, WIDE, ...ROLLED];
const FIELDS = { at: { type: "date" }, text: { type: "text" } };

const scope = (table: TableRef, key: string[] = ["_id"]): FamilyScope => ({
  members: [{ table, key, columns: [], via: null }],
  time: { column: "at", unit: "timestamptz" },
  fromUs: null,
  untilUs: null,
});
const doc = (at: string, text = "x") => JSON.stringify({ at, text });

test.each([
  ["dify-workflow-runs-t1-2025.01", "dify-workflow-runs-t1-{YYYY.MM}"],
  ["logs-202501", "logs-{YYYYMM}"],
  ["logs_2025-01-31", "logs_{YYYY-MM-DD}"],
  ["logs-2025.13", null],
  ["logs-2025.02.30", null],
  ["logs-000001", null],
  ["12025.01", null],
])("%s belongs to %s", (index, series) => expect(seriesOf(index)?.series ?? null).toBe(series));

for (const name of ES_SERVERS) {
  const server = testServer(name);
  describe.skipIf(!server)(`tables of ${name}`, () => {
    if (!server) return;
    const admin = new EsAdmin(server);
    const stores: Store[] = [];
    const open = (access: "read" | "write" = "write") => {
      const store = openEs(server, access);
      stores.push(store);
      return store;
    };
    beforeEach(() => admin.drop(...ALL));
    afterAll(async () => {
      for (const store of stores) await store.close();
      await admin.drop(...ALL);
    });
    const mine = async () =>
      (await open("read").tables(signal())).filter(({ ref }) => ref.name.startsWith("strata-t-"));

    test("months of one name are one table; others with that name before theirs are not", async () => {
      for (const index of MONTHLY) await admin.make(index, FIELDS);
      for (const index of MONTHLY)
        await admin.index(index, { same: doc(`${index.slice(-7).replace(".", "-")}-05T00:00:00Z`) });
      const tables = await mine();
      expect(tables.map(({ ref, kind, rowCount }) => [ref.schema, ref.name, kind, rowCount]).sort()).toEqual([
        ["series", "strata-t-logs-x-{YYYY.MM}", "series", 1],
        ["series", "strata-t-logs-{YYYY.MM}", "series", 2],
      ]);
      const rows = rowsOfStore(open());
      const series = scope({ schema: "series", name: "strata-t-logs-{YYYY.MM}" }, ["_index", "_id"]);
      const batches = await readAll(rows, series, { batchRows: 1, versions: true });
      // One id in two months is two rows.
      expect(batches.map(({ end }) => end.slice(1))).toEqual([
        ["strata-t-logs-2025.01", "same"],
        ["strata-t-logs-2025.02", "same"],
      ]);
      const [first] = batches;
      if (!first || !rows.deleteRows) throw new Error("nothing read");
      const part = {
        member: 0,
        keys: [first.end.slice(1)],
        digests: first.digests,
        versions: first.versions,
      };
      expect((await rows.deleteRows(series, [part], signal())).deleted[0]).toEqual(digestOf([first]));
      expect((await admin.sources(...MONTHLY)).size).toBe(2);
      const [member] = series.members;
      if (!member) throw new Error("no member");
      expect((await rows.write(member, first, signal())).inserted.rowCount).toBe(1n);
      expect((await admin.sources(...MONTHLY)).size).toBe(3);
    }, 30_000);

    test("names with quoting trouble are read, written and deleted", async () => {
      for (const index of ODD) {
        await admin.make(index, { ...FIELDS, 'a\'b "c" %': { type: "keyword" } });
        await admin.index(index, { 'i"d/ä 数': `{"at":"2025-01-01T00:00:00.000Z","a'b \\"c\\" %":"v"}` });
        const rows = rowsOfStore(open());
        const table = scope({ schema: "index", name: index });
        const [batch] = await readAll(rows, table);
        expect(batch?.end[1]).toBe('i"d/ä 数');
        const part = { member: 0, keys: [[batch?.end[1] ?? ""]], digests: batch?.digests ?? [] };
        expect((await rows.deleteRows?.(table, [part], signal()))?.deleted[0]?.rowCount).toBe(1n);
        const [member] = table.members;
        if (!batch || !member) throw new Error("nothing read");
        expect((await rows.write(member, batch, signal())).inserted.rowCount).toBe(1n);
        expect((await rows.count(table, signal()))[0]).toEqual(digestOf([batch]));
      }
      await expect(
        rowsOfStore(open()).describe({ schema: "index", name: "strata-*" }, signal()),
      ).rejects.toMatchObject({ code: "not_found" });
    }, 30_000);

    test("an alias is a table over its indices, and writes back where a row came from", async () => {
      for (const index of ROLLED) await admin.make(index, FIELDS);
      await admin.send("POST", "/_aliases", {
        actions: ROLLED.map((index, at) => ({
          add: { index, alias: "strata-t-roll", is_write_index: at === 1 },
        })),
      });
      await admin.index(ROLLED[0] ?? "", { a: doc("2025-01-01T00:00:00.000Z") });
      await admin.index(ROLLED[1] ?? "", { b: doc("2025-02-01T00:00:00.000Z") });
      const alias = (await mine()).find(({ kind }) => kind === "alias");
      expect(alias).toMatchObject({
        ref: { schema: "alias", name: "strata-t-roll" },
        rowCount: 2,
        key: ["_index", "_id"],
      });
      const rows = rowsOfStore(open());
      const table = scope({ schema: "alias", name: "strata-t-roll" }, ["_index", "_id"]);
      const [batch] = await readAll(rows, table);
      await admin.drop(ROLLED[0] ?? "");
      const [member] = table.members;
      if (!batch || !member) throw new Error("nothing read");
      const written = await rows.write(member, batch, signal());
      expect(written).toMatchObject({ identical: 1, conflicts: [{ reason: "rejected" }] });
    }, 30_000);

    test("two thousand fields are two thousand columns", async () => {
      const fields = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`f${n}`, { type: "long" }]));
      await admin.make(WIDE, { ...FIELDS, ...fields }, { "index.mapping.total_fields.limit": 3_000 });
      const source = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`f${n}`, n]));
      await admin.index(WIDE, { one: JSON.stringify({ at: "2025-01-01T00:00:00.000Z", ...source }) });
      const table = scope({ schema: "index", name: WIDE });
      const rows = rowsOfStore(open());
      expect((await rows.describe({ schema: "index", name: WIDE }, signal())).columns).toHaveLength(2_004);
      const [batch] = await readAll(rows, table);
      expect(batch?.vectors.find(({ name }) => name === "f1999")?.values).toEqual([1_999n]);
    }, 30_000);

    test("more rows of one instant than a page holds are read in the order of their keys", async () => {
      const index = ROLLED[0] ?? "";
      await admin.make(index, FIELDS, { number_of_shards: 2 });
      const many = Object.fromEntries(
        Array.from({ length: 12_000 }, (_, n) => [
          `k${String(n).padStart(5, "0")}`,
          doc("2025-01-01T00:00:00.000Z"),
        ]),
      );
      await admin.index(index, many);
      await admin.index(index, { later: doc("2025-01-01T00:00:00.001Z") });
      const rows = rowsOfStore(open());
      const table = scope({ schema: "index", name: index });
      const keys: string[] = [];
      for await (const batch of rows.read(
        table,
        options({ batchRows: 5_000, batchBytes: 64 << 20 }),
        signal(),
      ))
        for (const value of batch.vectors[0]?.values ?? [])
          keys.push(Buffer.from(value as Uint8Array).toString());
      expect(keys).toEqual([...Object.keys(many), "later"]);
      const window = await rows.window(table, null, 11_000, signal());
      expect(window).toMatchObject({ rowCount: 11_000, month: "2025-01" });
      expect(window?.end[1]).toBe("k10999");
      expect(await rows.window(table, window?.end ?? null, 11_000, signal())).toMatchObject({
        rowCount: 1_001,
      });
    }, 60_000);

    test("finished indices are merged, empty ones deleted, a single node needs no replicas", async () => {
      const [january = "", february = ""] = MONTHLY;
      for (const index of [january, february]) await admin.make(index, FIELDS, { number_of_replicas: 1 });
      for (let n = 0; n < 3; n += 1)
        await admin.index(february, { [`r${n}`]: doc(`2025-02-0${n + 1}T00:00:00.000Z`) });
      const store = open();
      const table = { schema: "series", name: "strata-t-logs-{YYYY.MM}" };
      const offers = (await store.optimize?.offers(table, signal())) ?? [];
      expect(offers.map(({ action }) => action.kind)).toEqual(
        expect.arrayContaining(["forceMerge", "replicasZero", "dropEmpty"]),
      );
      expect(offers.find(({ action }) => action.kind === "dropEmpty")?.plan).toMatchObject({
        statements: [`DELETE /${january}`],
        removes: true,
      });
      for (const kind of ["forceMerge", "replicasZero", "dropEmpty"]) {
        const phases = [];
        for await (const step of store.optimize?.run(table, { kind }, signal()) ?? []) phases.push(step);
        expect(phases.at(-1)?.progress).toBe(1);
      }
      expect(await admin.send<object>("GET", "/strata-t-logs-*/_settings?flat_settings=true")).toMatchObject({
        [february]: { settings: { "index.number_of_replicas": "0" } },
      });
      const left = await store.stats(table, { column: "at", unit: "timestamptz" }, signal());
      expect(left.figures?.find(({ key }) => key === "esIndices")?.value).toBe(1);
      expect(left).toMatchObject({
        rowCount: 3,
        oldestAt: "2025-02-01T00:00:00.000Z",
        newestAt: "2025-02-03T00:00:00.000Z",
      });
      expect((await store.optimize?.offers(table, signal()))?.map(({ action }) => action.kind)).not.toContain(
        "forceMerge",
      );
      const reader = open("read");
      const refused = async () => {
        for await (const _ of reader.optimize?.run(table, { kind: "dropEmpty" }, signal()) ?? []) break;
      };
      await expect(refused()).rejects.toMatchObject({ code: "forbidden" });
    }, 60_000);

    test("the figures tell shards, heap, disks and bytes by table", async () => {
      await admin.make(WIDE, FIELDS);
      const figures = await open("read").figures?.(signal());
      const value = (key: string) => figures?.figures.find((one) => one.key === key);
      expect(value("esShardsOpen")?.limit).toBe(1_000);
      expect(value("esHeap")?.value).toBeGreaterThan(0);
      expect(value("esRejectedWrites")?.value).toBe(0);
      expect(figures?.breakdowns.map(({ key }) => key)).toEqual([
        "esTableBytes",
        "esNodeShards",
        "esNodeBytes",
      ]);
      const health = await open("read").check(signal());
      expect(health.version).toMatch(/^(Elasticsearch 8|OpenSearch [23])\./);
      expect(health.freeBytes).toBeGreaterThan(0);
    });
  });
}
