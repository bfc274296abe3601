import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAll } from "@/lib/stores/conformance-fixture";
import { scopeOf, type TestRedis, testRedis } from "@/lib/stores/redis/testing";
import type { FamilyMember } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";

/** The rights that docs/stores/redis.md names, to the letter. */
const SEE =
  "+ping +info +scan +dbsize +type +ttl +xlen +xrange +xrevrange +xinfo|stream +xinfo|groups +xpending +memory|usage +slowlog|get +latency|latest +cluster|slots";
const ARCHIVE = "+eval +xdel +del";
const RESTORE = "+xadd +multi +exec";
const OPTIMIZE = "+memory|purge +bgrewriteaof";

const signal = () => AbortSignal.timeout(20_000);
const server = testServer("redis");

describe.skipIf(!server)("a user with the smallest rights", () => {
  const stream = "rights:logs";
  const users: string[] = [];
  let redis: TestRedis;
  beforeAll(async () => {
    if (server) redis = testRedis(server);
  });
  afterAll(async () => {
    if (!server) return;
    const client = await redis.client();
    await client.del(stream, `${stream}:restored`);
    if (users.length > 0) await client.call("ACL", "DELUSER", ...users);
    await redis.close();
  });

  const user = async (name: string, rights: string, keys = "~*") => {
    users.push(name);
    const client = await redis.client();
    const rules = [keys, "resetchannels", "-@all", ...rights.split(" ").filter((right) => right !== "")];
    await client.call("ACL", "SETUSER", name, "reset", "on", ">secret", ...rules);
    return (access: "read" | "write" = "read") => redis.open(access, { user: name, password: "secret" });
  };
  const rowsOf = ({ rows }: Store) => {
    if (!rows) throw new Error("no rows");
    return rows;
  };
  const member = scopeOf(stream).members[0] as FamilyMember;
  const fill = async () => {
    const client = await redis.client();
    await client.del(stream, `${stream}:restored`);
    for (let n = 1; n <= 5; n += 1) await client.xadd(stream, `1767225600000-${n}`, "n", String(n));
  };

  test("to see can see everything, and nothing more", async () => {
    await fill();
    const store = (await user("strata_see", SEE))();
    const health = await store.check(signal());
    expect(health.rights.filter(({ granted }) => !granted)).toEqual([]);
    const tables = await store.tables(signal());
    expect(tables.find(({ ref }) => ref.name === stream)).toMatchObject({ kind: "stream", rowCount: 5 });
    expect((await store.stats({ schema: "streams", name: stream }, null, signal())).notes).toEqual([]);
    expect((await store.figures?.(signal()))?.notes.map(({ key }) => key)).toEqual([
      expect.stringMatching(/^redisSample/),
    ]);
    expect(await store.queryStats?.(signal())).toMatchObject({ available: true });
    expect((await rowsOf(store).months(scopeOf(stream), 1_000, signal())).exact).toBe(true);
    expect(await rowsOf(store).risks?.(scopeOf(stream), "delete", signal())).toEqual([]);
    const [batch] = await readAll(rowsOf(store), scopeOf(stream));
    expect(batch?.rowCount).toBe(5);
    const writer = rowsOf((await user("strata_see", SEE))("write"));
    const part = { member: 0, keys: [["1767225600000-1"]], digests: batch?.digests.slice(0, 1) ?? [] };
    await expect(writer.deleteRows?.(scopeOf(stream), [part], signal())).rejects.toMatchObject({
      code: "forbidden",
      key: "redis.right",
    });
  });

  test("to archive and to restore can do both", async () => {
    await fill();
    const store = (await user("strata_move", `${SEE} ${ARCHIVE} ${RESTORE}`))("write");
    const rows = rowsOf(store);
    const batches = await readAll(rows, scopeOf(stream), { batchRows: 3 });
    const parts = batches.map((batch) => ({
      member: 0,
      keys: batch.vectors[0]?.values.map((value) => [String(value)]) ?? [],
      digests: batch.digests,
    }));
    expect((await rows.deleteRows?.(scopeOf(stream), parts, signal()))?.kept).toEqual([]);
    for (const batch of batches) expect((await rows.write(member, batch, signal())).conflicts).toEqual([]);
    expect(await (await redis.client()).xlen(`${stream}:restored`)).toBe(5);
    expect((await readAll(rows, scopeOf(stream))).map(({ rowCount }) => rowCount)).toEqual([5]);
    const again = await rows.deleteRows?.(scopeOf(stream), parts, signal());
    expect(again?.deleted[0]?.rowCount).toBe(5n);
  });

  test("to optimize can purge memory and rewrite the append-only file", async () => {
    await fill();
    const store = (await user("strata_tidy", `${SEE} ${OPTIMIZE}`))("write");
    const table = { schema: "streams", name: stream };
    const offers = (await store.optimize?.offers(table, signal())) ?? [];
    expect(offers.map(({ action }) => action.kind)).toEqual(["memoryPurge", "rewriteAof"]);
    for (const { action } of offers) {
      const steps: (number | null)[] = [];
      for await (const { progress } of store.optimize?.run(table, action, signal()) ?? [])
        steps.push(progress);
      expect(steps.at(-1)).toBe(1);
    }
  });

  test("of some keys only sees those", async () => {
    await fill();
    const client = await redis.client();
    await client.xadd("hidden:logs", "1-1", "n", "1");
    try {
      const store = (await user("strata_some", SEE, "~rights:*"))();
      const names = (await store.tables(signal()))
        .filter(({ kind }) => kind === "stream")
        .map(({ ref }) => ref.name);
      expect(names).toContain(stream);
      expect(names).not.toContain("hidden:logs");
      expect((await store.check(signal())).rights.filter(({ granted }) => !granted)).toEqual([]);
      await expect(
        rowsOf(store).describe({ schema: "streams", name: "hidden:logs" }, signal()),
      ).rejects.toMatchObject({
        code: "forbidden",
      });
    } finally {
      await client.del("hidden:logs");
    }
  });

  test.each([
    "info",
    "slowlog|get",
    "latency|latest",
    "memory|usage",
    "ttl",
    "xinfo|groups",
    "scan",
    "dbsize",
  ])("without %s misses that panel only", async (right) => {
    await fill();
    const left = SEE.split(" ").filter((one) => one !== `+${right}`);
    const store = (await user("strata_less", left.join(" ")))();
    const health = await store.check(signal());
    const missing = health.rights.filter(({ granted }) => !granted);
    expect(missing.map(({ name }) => name)).toEqual([right]);
    expect(missing[0]?.grant).toBe(`ACL SETUSER strata_less +${right}`);
    expect((await store.figures?.(signal()))?.notes).toBeDefined();
    expect(await store.queryStats?.(signal())).toMatchObject({ available: right !== "slowlog|get" });
    const [batch] = await readAll(rowsOf(store), scopeOf(stream));
    expect(batch?.rowCount).toBe(5);
    expect(await store.stats({ schema: "streams", name: stream }, null, signal())).toMatchObject({
      rowCount: 5,
    });
  });

  test("who may ask for others' rights is told which changing ones are missing", async () => {
    await fill();
    const store = (await user("strata_asks", `${SEE} +xdel +acl|dryrun`))("write");
    const health = await store.check(signal());
    const missing = health.rights.filter(({ granted }) => !granted).map(({ name }) => name);
    expect(missing).toEqual(["eval", "xadd", "multi", "exec", "del", "memory|purge", "bgrewriteaof"]);
  });

  test("a store opened for reading sends nothing that changes anything", async () => {
    await fill();
    const store = redis.open("read");
    const table = { schema: "streams", name: stream };
    const run = async () => {
      for await (const _ of store.optimize?.run(table, { kind: "memoryPurge" }, signal()) ?? []);
    };
    await expect(run()).rejects.toMatchObject({ code: "forbidden" });
    const part = { member: 0, keys: [["1767225600000-1"]], digests: [] };
    await expect(rowsOf(store).deleteRows?.(scopeOf(stream), [part], signal())).rejects.toMatchObject({
      code: "forbidden",
    });
    expect(await (await redis.client()).xlen(stream)).toBe(5);
  });
});
