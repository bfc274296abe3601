import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scopeOf, type TestRedis, testRedis } from "@/lib/stores/redis/testing";
import { type OwnServer, startOwnServer } from "@/lib/stores/testing/own-server";
import { testServer } from "@/lib/stores/testing/servers";

describe.skipIf(!testServer("redis"))("what a crash would leave of a restore", () => {
  let own: OwnServer;
  let redis: TestRedis;
  beforeAll(async () => {
    own = await startOwnServer("redis");
    redis = testRedis(own);
    await (await redis.client()).xadd("d:logs", "1767225600000-1", "n", "1");
  }, 60_000);
  afterAll(async () => {
    await redis?.close();
    await own?.close();
  });

  const risks = async () => {
    const found = await redis
      .open("read")
      .rows?.risks?.(scopeOf("d:logs"), "restore", AbortSignal.timeout(10_000));
    return found?.flatMap(({ key, severity }) =>
      key.startsWith("redisRestored") ? [] : [`${severity} ${key}`],
    );
  };

  test("stands in the plan, as the server keeps its file", async () => {
    const client = await redis.client();
    await client.config("SET", "appendonly", "yes");
    expect(await risks()).toEqual([]);
    await client.config("SET", "appendonly", "no");
    expect(await risks()).toEqual(["warn redisRestoreForgotten"]);
  });
});
