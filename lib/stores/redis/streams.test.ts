import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Cursor } from "@/lib/stores/batch";
import { readAll } from "@/lib/stores/conformance-fixture";
import { slotOf } from "@/lib/stores/redis/slots";
import { scopeOf, type TestRedis, testRedis } from "@/lib/stores/redis/testing";
import type { FamilyMember, RowPage, RowQuery } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";

const signal = () => AbortSignal.timeout(30_000);
const JULY = Date.UTC(2026, 6, 1);
const DAY = 86_400_000;

const rowsOf = ({ rows }: Store) => {
  if (!rows) throw new Error("no rows");
  return rows;
};
const memberOf = (name: string): FamilyMember => scopeOf(name).members[0] as FamilyMember;
const queryOf = (name: string, more: Partial<RowQuery> = {}): RowQuery => ({
  table: { schema: "streams", name },
  key: ["id"],
  time: { column: "at", unit: "timestamptz" },
  textColumns: ["text"],
  terms: [],
  equals: [],
  fromUs: null,
  untilUs: null,
  after: null,
  limit: 10,
  columns: ["id"],
  snippetChars: 40,
  timeoutMs: 5_000,
  ...more,
});

for (const name of ["redis", "redis-cluster"]) {
  const server = testServer(name);
  describe.skipIf(!server)(`streams of ${name}`, () => {
    let redis: TestRedis;
    const made = new Set<string>();
    beforeAll(() => {
      if (server) redis = testRedis(server);
    });
    afterEach(async () => {
      for (const key of made) await (await redis.client(key)).del(key);
      made.clear();
    });
    afterAll(() => redis?.close());
    const clientOf = async (key: string) => {
      made.add(key);
      return redis.client(key);
    };
    const add = async (key: string, id: string, ...fields: (string | Buffer)[]) =>
      (await clientOf(key)).xadd(key, id, ...fields);
    const search = async (query: RowQuery) => {
      const keys: string[] = [];
      const { search } = rowsOf(redis.open("read"));
      for (let after: Cursor | null = query.after; ; ) {
        const page = await search({ ...query, after }, signal());
        keys.push(...page.rows.map(({ key }) => key[0] ?? ""));
        if (page.next === null) return keys;
        after = page.next;
      }
    };

    test("a thousand of them are listed with their length, size and columns", async () => {
      const adding = [];
      for (let n = 0; n < 1_000; n += 1)
        adding.push(add(`many:${n} "x" 数据 %`, "5-1", "text", "t", "model", "m"));
      await Promise.all(adding);
      const begun = Date.now();
      const tables = await redis.open("read").tables(signal());
      expect(Date.now() - begun).toBeLessThan(10_000);
      const mine = tables.filter(({ ref }) => ref.name.startsWith("many:"));
      expect(mine).toHaveLength(1_000);
      for (const table of mine) expect(table).toMatchObject({ kind: "stream", rowCount: 1, key: ["id"] });
      expect(mine[0]?.sizeBytes).toBeGreaterThan(0);
      expect(mine[0]?.columns.map(({ name }) => name)).toEqual(["id", "at", "text", "model", "_extra"]);
    });

    test("2,000 fields are columns, what is beyond lies in _extra", async () => {
      const fields = Array.from({ length: 2_100 }, (_, n) => [`field ${n}`, String(n)]).flat();
      await add("wide:logs", "7-1", ...fields);
      const rows = rowsOf(redis.open("write"));
      const shape = await rows.describe({ schema: "streams", name: "wide:logs" }, signal());
      expect(shape.columns).toHaveLength(2_003);
      const [batch] = await readAll(rows, scopeOf("wide:logs"));
      if (!batch) throw new Error("nothing read");
      const client = await clientOf("wide:logs");
      await client.del("wide:logs");
      await client.xgroup("CREATE", "wide:logs", "g", "0", "MKSTREAM");
      await client.xgroup("DESTROY", "wide:logs", "g");
      expect((await rows.write(memberOf("wide:logs"), batch, signal())).inserted.rowCount).toBe(1n);
      expect(await client.xrange("wide:logs", "-", "+")).toEqual([["7-1", fields]]);
    });

    test("pages of a search neither skip nor double, whatever the ids of one millisecond", async () => {
      const ids: string[] = [];
      for (let ms = 100; ms < 110; ms += 1) {
        for (let n = 1; n <= 25; n += 1) {
          ids.push(`${ms}-${n}`);
          await add(
            "search:logs",
            `${ms}-${n}`,
            "text",
            n % 2 === 0 ? "Fehler 归档" : "gut",
            "model",
            `m${n}`,
          );
        }
      }
      const order = (a: string, b: string) =>
        Number(b.split("-")[0]) - Number(a.split("-")[0]) || (a < b ? 1 : -1);
      expect(await search(queryOf("search:logs", { limit: 7 }))).toEqual([...ids].sort(order));
      expect(await search(queryOf("search:logs", { terms: ["FEHLER", "归档"], limit: 3 }))).toHaveLength(120);
      expect(
        await search(queryOf("search:logs", { equals: [{ column: "model", value: "m4" }] })),
      ).toHaveLength(10);
      expect(await search(queryOf("search:logs", { fromUs: 105_000n, untilUs: 106_000n }))).toHaveLength(25);
    });

    test("a search that runs out of time says so, and goes on where it stopped", async () => {
      const client = await clientOf("slow:logs");
      for (let n = 0; n < 20_000; n += 1)
        void client.xadd("slow:logs", `${1_000 + n}-1`, "text", "x".repeat(500));
      await client.xlen("slow:logs");
      const { search } = rowsOf(redis.open("read"));
      let [after, looks]: [Cursor | null, number] = [null, 0];
      for (;;) {
        const page: RowPage = await search(
          queryOf("slow:logs", { terms: ["nothing"], after, timeoutMs: 20 }),
          signal(),
        );
        looks += 1;
        expect(page.rows).toEqual([]);
        if (page.next === null) break;
        expect(page.incomplete).toBe(true);
        expect(page.next).not.toEqual(after);
        after = page.next;
      }
      expect(looks).toBeGreaterThan(1);
    });

    test("months beyond the time given are estimates", async () => {
      for (let day = 0; day < 60; day += 1) await add("months:logs", `${JULY + day * DAY}-1`, "text", "x");
      const rows = rowsOf(redis.open("read"));
      const { exact, members } = await rows.months(scopeOf("months:logs"), 0, signal());
      expect(exact).toBe(false);
      const [months = []] = members;
      expect(months.map(({ month }) => month)).toEqual(["2026-07", "2026-08"]);
      const counted = months.reduce((sum, { rowCount }) => sum + rowCount, 0);
      expect(Math.abs(counted - 60)).toBeLessThanOrEqual(2);
    });

    test("what cannot be put below the last id stays out, with the reason", async () => {
      const key = "below:logs";
      made.add(`${key}:restored`);
      for (let n = 1; n <= 6; n += 1) await add(key, `${n}000-1`, "text", String(n));
      const rows = rowsOf(redis.open("write"));
      const [batch] = await readAll(rows, scopeOf(key));
      if (!batch) throw new Error("nothing read");
      await (await clientOf(key)).xdel(key, "1000-1", "4000-1");
      // Newer ones first: the older one finds its place taken.
      const only = (row: number) => ({
        ...batch,
        rowCount: 1,
        vectors: batch.vectors.map((vector) => ({ ...vector, values: vector.values.slice(row, row + 1) })),
        digests: batch.digests.slice(row, row + 1),
      });
      expect((await rows.write(memberOf(key), only(3), signal())).inserted.rowCount).toBe(1n);
      expect(await rows.risks?.(scopeOf(key), "restore", signal())).toMatchObject([
        { key: "redisRestoredBeside", severity: "info" },
        { key: "redisRestoredAbove", severity: "warn" },
      ]);
      const late = await rows.write(memberOf(key), only(0), signal());
      expect(late.inserted.rowCount).toBe(0n);
      expect(late.conflicts).toMatchObject([{ key: ["1000-1"], reason: "rejected" }]);
      expect(late.conflicts[0]?.detail).toContain("below:logs:restored at 4000-1");
      const whole = await readAll(rows, scopeOf(key));
      expect(whole.reduce((sum, { rowCount }) => sum + rowCount, 0)).toBe(5);
      const tables = await redis.open("read").tables(signal());
      expect(tables.map(({ ref }) => ref.name)).not.toContain(`${key}:restored`);
    });

    test("entries are not put where a consumer group would be handed them", async () => {
      const key = "group:logs";
      made.add(`${key}:restored`);
      const client = await clientOf(key);
      await add(key, "5-1", "text", "a");
      const rows = rowsOf(redis.open("write"));
      const [batch] = await readAll(rows, scopeOf(key));
      if (!batch) throw new Error("nothing read");
      await client.del(key);
      await client.xgroup("CREATE", key, "workers", "0", "MKSTREAM");
      expect((await rows.write(memberOf(key), batch, signal())).inserted.rowCount).toBe(1n);
      expect(await client.xlen(key)).toBe(0);
      expect(await (await redis.client(`${key}:restored`)).xlen(`${key}:restored`)).toBe(1);
    });

    test("groups and what they hold back are told", async () => {
      const key = "held:logs";
      const client = await clientOf(key);
      for (let n = 1; n <= 5; n += 1) await add(key, `${n}-1`, "text", "a");
      await client.xgroup("CREATE", key, "work ers", "0");
      await client.xreadgroup("GROUP", "work ers", "w", "COUNT", 2, "STREAMS", key, ">");
      const stats = await redis.open("read").stats({ schema: "streams", name: key }, null, signal());
      expect(stats.rowCount).toBe(5);
      expect(stats.newestAt).toBe("1970-01-01T00:00:00.005Z");
      expect(stats.figures).toMatchObject([
        { key: "redisGroups", value: 1 },
        { key: "redisPending", value: 2 },
        { key: "redisLag", value: 3 },
        { key: "redisDelivered", value: "work ers: 2-1" },
      ]);
      expect(stats.advice).toMatchObject([
        { key: "redisGroupHolds", statements: [expect.anything(), 'XGROUP DESTROY held:logs "work ers"'] },
      ]);
    });

    test("keys are shown by prefix, with memory and expiry, and cannot be read row by row", async () => {
      for (let n = 0; n < 40; n += 1) await (await clientOf(`cache:${n}`)).set(`cache:${n}`, "v".repeat(500));
      for (let n = 0; n < 40; n += 1) await (await clientOf(`sess:${n}`)).set(`sess:${n}`, "v", "EX", 1_000);
      const store = redis.open("read");
      const table = { schema: "keys", name: "cache:*" };
      const listed = (await store.tables(signal())).find(({ ref }) => ref.name === "cache:*");
      expect(listed).toMatchObject({ ref: table, kind: "keyGroup", rowCount: 40, columns: [], key: null });
      expect(listed?.sizeBytes).toBeGreaterThan(40 * 500);
      const stats = await store.stats(table, null, signal());
      expect(stats.advice).toMatchObject([{ key: "redisNoExpiry", details: { without: 20, sampled: 20 } }]);
      expect((await store.stats({ schema: "keys", name: "sess:*" }, null, signal())).advice).toEqual([]);
      await expect(rowsOf(store).describe(table, signal())).rejects.toMatchObject({ code: "refused" });
      const figures = await store.figures?.(signal());
      expect(figures?.notes).toContainEqual({
        key: "redisNoExpiry",
        severity: "info",
        details: { pattern: "cache:*", without: 20, sampled: 20 },
      });
      const memory = figures?.breakdowns.find(({ key }) => key === "redisMemoryByPrefix")?.rows;
      expect(memory?.map(({ label }) => label)).toEqual(expect.arrayContaining(["cache:*", "sess:*"]));
      expect(figures?.breakdowns.some(({ key }) => key === "redisMemoryByNode")).toBe(
        name === "redis-cluster",
      );
      expect(figures?.figures.find(({ key }) => key === "redisMemory")?.value).toBeGreaterThan(0);
    });

    test("slow commands are told by form, without their values", async () => {
      const client = await clientOf("secret:key");
      const [, before] = (await client.config("GET", "slowlog-log-slower-than")) as string[];
      await client.config("SET", "slowlog-log-slower-than", "0");
      await client.set("secret:key", "do not show");
      await client.config("SET", "slowlog-log-slower-than", before ?? "10000");
      const stats = await redis.open("read").queryStats?.(signal());
      const texts = stats?.queries.map(({ text }) => text) ?? [];
      expect(texts).toContain("SET secret:* (+1)");
      expect(JSON.stringify(stats)).not.toContain("do not show");
    });
  });
}

test("slots are the cluster's own", async () => {
  expect(slotOf(Buffer.from("123456789"))).toBe(0x31c3);
  expect(slotOf(Buffer.from("{user1000}.following"))).toBe(slotOf(Buffer.from("user1000")));
  expect(slotOf(Buffer.from("foo{}{bar}"))).not.toBe(slotOf(Buffer.from("bar")));
});
