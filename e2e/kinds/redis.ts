import { Redis } from "ioredis";
import type { TestServer } from "@/lib/stores/testing/server-file";
import type { KindStory } from "./kind-story";

const STREAM = "story:logs";

async function ask<T>(server: TestServer, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(server.url);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

export const redisStory: KindStory = {
  kind: "redis",
  server: "redis",
  address: (server) => server.url,
  seed: (server, rows) =>
    ask(server, async (redis) => {
      await redis.del(STREAM);
      // A stream takes its entries in the order of their times.
      for (const row of [...rows].sort((a, b) => a.at.getTime() - b.at.getTime()))
        await redis.xadd(STREAM, `${row.at.getTime()}-0`, "tenant", row.tenant, "content", row.text);
      return STREAM;
    }),
  count: (server) => ask(server, (redis) => redis.xlen(STREAM)),
  // An entry older than the stream's last one cannot be added again.
  restores: false,
  optimize: null,
};
