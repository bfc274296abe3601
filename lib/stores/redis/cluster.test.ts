import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readAll } from "@/lib/stores/conformance-fixture";
import { scopeOf, type TestRedis, testRedis } from "@/lib/stores/redis/testing";
import { type OwnServer, startOwnServer } from "@/lib/stores/testing/own-server";
import { testServer } from "@/lib/stores/testing/servers";

const signal = () => AbortSignal.timeout(20_000);

describe.skipIf(!testServer("redis-cluster"))("a cluster of one's own", () => {
  const stream = "moving:logs";
  let own: OwnServer;
  let redis: TestRedis;
  const clients = new Map<number, Redis>();
  beforeAll(async () => {
    own = await startOwnServer("redis-cluster");
    redis = testRedis(own);
    for (const url of own.urls) {
      const port = Number(new URL(url).port);
      clients.set(port, new Redis({ host: own.host, port, password: own.password }));
    }
  }, 60_000);
  afterAll(async () => {
    for (const client of clients.values()) client.disconnect();
    await redis?.close();
    await own?.close();
  });

  const at = (port: number): Redis => {
    const client = clients.get(port);
    if (!client) throw new Error(`no node at ${port}`);
    return client;
  };
  const ownerOf = async (slot: number): Promise<number> => {
    const ranges = (await at(own.port).call("CLUSTER", "SLOTS")) as [number, number, [string, number]][];
    return ranges.find(([from, to]) => slot >= from && slot <= to)?.[2][1] ?? 0;
  };

  test("whose slots move is followed; while they move it can be tried again", async () => {
    const slot = Number(await at(own.port).call("CLUSTER", "KEYSLOT", stream));
    const from = await ownerOf(slot);
    const to = [...clients.keys()].find((port) => port !== from) ?? 0;
    const [fromId, toId] = [
      String(await at(from).call("CLUSTER", "MYID")),
      String(await at(to).call("CLUSTER", "MYID")),
    ];
    for (let n = 1; n <= 20; n += 1) await at(from).xadd(stream, `${n}-1`, "n", String(n));
    const { rows } = redis.open("read");
    const count = async () => {
      if (!rows) throw new Error("no rows");
      return (await readAll(rows, scopeOf(stream))).reduce((sum, { rowCount }) => sum + rowCount, 0);
    };
    expect(await count()).toBe(20);

    await at(to).call("CLUSTER", "SETSLOT", slot, "IMPORTING", fromId);
    await at(from).call("CLUSTER", "SETSLOT", slot, "MIGRATING", toId);
    await at(from).call("MIGRATE", own.host, to, stream, 0, 5_000, "AUTH", own.password);
    await expect(count()).rejects.toMatchObject({
      code: "unreachable",
      key: "redis.moving",
      retryable: true,
    });

    await at(to).call("CLUSTER", "SETSLOT", slot, "NODE", toId);
    await at(from).call("CLUSTER", "SETSLOT", slot, "NODE", toId);
    expect(await count()).toBe(20);
    const health = await redis.open("read").check(signal());
    expect(health.facts).toMatchObject({ cluster: true, nodes: 3 });
  }, 30_000);
});
