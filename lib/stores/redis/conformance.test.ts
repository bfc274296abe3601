import { storeConformance } from "@/lib/stores/conformance";
import { streamFixture, testRedis } from "@/lib/stores/redis/testing";
import { driverOf } from "@/lib/stores/registry";
import { testServer } from "@/lib/stores/testing/servers";

for (const name of ["redis", "redis-cluster"]) {
  const server = testServer(name);
  if (!server) continue;
  storeConformance(name, driverOf("redis"), async () => {
    const redis = testRedis(server);
    const stream = `conformance "流"`;
    return {
      open: (access) => redis.open(access),
      openDead: () => redis.open("read", { port: 1 }),
      rows: streamFixture(redis, stream),
      stop: async () => {
        await (await redis.client(stream)).del(stream);
        await redis.close();
      },
    };
  });
}
