import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAll } from "@/lib/stores/conformance-fixture";
import { scopeOf, type TestRedis, testRedis } from "@/lib/stores/redis/testing";
import type { FamilyMember } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { type OwnServer, startOwnServer } from "@/lib/stores/testing/own-server";
import { testServer } from "@/lib/stores/testing/servers";

const signal = () => AbortSignal.timeout(20_000);
const rowsOf = ({ rows }: Store) => {
  if (!rows) throw new Error("no rows");
  return rows;
};

describe.skipIf(!testServer("redis"))("a server of one's own", () => {
  const stream = "own:logs";
  const member = scopeOf(stream).members[0] as FamilyMember;
  let own: OwnServer;
  let redis: TestRedis;
  beforeAll(async () => {
    own = await startOwnServer("redis");
    redis = testRedis(own);
    const client = await redis.client();
    for (let n = 0; n < 300; n += 1)
      await client.xadd(stream, `${1_767_225_600_000 + n}-1`, "n", "x".repeat(2_000));
  }, 60_000);
  afterAll(async () => {
    await redis?.close();
    await own?.close();
  });

  test("that is killed in mid-batch and started again is read on from the cursor", async () => {
    const rows = rowsOf(redis.open("read"));
    const seen: number[] = [];
    let after: readonly string[] | null = null;
    const reading = async () => {
      const options = { member: 0, after, upTo: null, batchRows: 10, batchBytes: 30_000, digests: true };
      for await (const batch of rows.read(scopeOf(stream), options, signal())) {
        seen.push(batch.rowCount);
        after = batch.end;
        if (seen.length === 5) await own.kill();
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: "unreachable", retryable: true });
    await expect(redis.open("read").check(signal())).rejects.toMatchObject({ key: "redis.refused" });
    await own.start();
    await reading();
    expect(seen.reduce((sum, count) => sum + count, 0)).toBe(300);
  }, 30_000);

  test("that is a replica is read, not written", async () => {
    const client = await redis.client();
    await client.call("REPLICAOF", "127.0.0.1", "1");
    try {
      const store = redis.open("write");
      const health = await store.check(signal());
      expect(health.limits.map(({ key }) => key)).toEqual(
        expect.arrayContaining(["redisReplica", "redisMasterDown"]),
      );
      expect(health).toMatchObject({ state: "warning", facts: { role: "replica" } });
      const [batch] = await readAll(rowsOf(store), scopeOf(stream), { batchRows: 3 });
      if (!batch) throw new Error("nothing read");
      const keys = batch.vectors[0]?.values.map((value) => [String(value)]) ?? [];
      const refused = { code: "forbidden", key: "redis.replica" };
      const parts = [{ member: 0, keys, digests: batch.digests }];
      await expect(rowsOf(store).deleteRows?.(scopeOf(stream), parts, signal())).rejects.toMatchObject(
        refused,
      );
      expect(await client.xlen(stream)).toBe(300);
    } finally {
      await client.call("REPLICAOF", "NO", "ONE");
    }
  });

  test("whose memory is full takes nothing, and says so", async () => {
    const client = await redis.client();
    const store = redis.open("write");
    const [batch] = await readAll(rowsOf(store), scopeOf(stream), { batchRows: 3 });
    if (!batch) throw new Error("nothing read");
    await client.xdel(stream, ...(await client.xrange(stream, "-", "+", "COUNT", 3)).map(([id]) => id));
    await client.config("SET", "maxmemory", "1mb");
    try {
      expect((await store.check(signal())).limits.map(({ key }) => key)).toContain("redisMemoryFull");
      await expect(rowsOf(store).write(member, batch, signal())).rejects.toMatchObject({
        code: "disk_full",
        key: "redis.memoryFull",
      });
      await client.config("SET", "maxmemory", "1gb");
      await client.config("SET", "maxmemory-policy", "allkeys-lru");
      expect((await store.check(signal())).limits.map(({ key }) => key)).toEqual(["redisEvicts"]);
    } finally {
      await client.config("SET", "maxmemory", "0");
    }
    expect((await rowsOf(store).write(member, batch, signal())).inserted.rowCount).toBe(3n);
  });
});
