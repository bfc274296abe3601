import { Redis } from "ioredis";
import type { RootRow, RowFixture } from "@/lib/stores/conformance-fixture";
import { type RedisConfig, redisConfigSchema } from "@/lib/stores/redis/config";
import { redisDriver } from "@/lib/stores/redis/store";
import { STREAMS } from "@/lib/stores/redis/streams";
import type { FamilyScope } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import type { TestServer } from "@/lib/stores/testing/server-file";

/** A server's Redis with stores to close and keys to remove when a test file ends. */
export interface TestRedis {
  config: RedisConfig;
  /** A client of the test's own, to prepare and to look. On the node that holds `forKey` in a cluster. */
  client(forKey?: string): Promise<Redis>;
  open(access: "read" | "write", more?: Partial<RedisConfig>, timeoutMs?: number): Store;
  close(): Promise<void>;
}

export function testRedis(server: TestServer, database = 0): TestRedis {
  const config = redisConfigSchema.parse({
    host: server.host,
    port: server.port,
    password: server.password,
    database,
  });
  const stores: Store[] = [];
  const clients = new Map<number, Redis>();
  const clientAt = (port: number) => {
    const there = clients.get(port);
    if (there) return there;
    const made = new Redis({
      host: config.host,
      port,
      password: config.password,
      db: database,
      lazyConnect: false,
    });
    clients.set(port, made);
    return made;
  };
  return {
    config,
    async client(forKey) {
      const own = clientAt(config.port);
      if (forKey === undefined || server.urls.length === 1) return own;
      const slot = Number(await own.call("CLUSTER", "KEYSLOT", forKey));
      const ranges = (await own.call("CLUSTER", "SLOTS")) as [number, number, [string, number]][];
      const port = ranges.find(([from, to]) => slot >= from && slot <= to)?.[2][1];
      return clientAt(port ?? config.port);
    },
    open(access, more = {}, timeoutMs = 10_000) {
      const options = { access, name: "strata test", timeoutMs, connections: 2 };
      const store = redisDriver.open({ ...config, ...more }, options);
      stores.push(store);
      return store;
    },
    async close() {
      await Promise.all(stores.map((store) => store.close()));
      for (const client of clients.values()) client.disconnect();
    },
  };
}

export const scopeOf = (name: string): FamilyScope => ({
  members: [{ table: { schema: STREAMS, name }, key: ["id"], columns: [], via: null }],
  time: { column: "at", unit: "timestamptz" },
  fromUs: null,
  untilUs: null,
});

/** A stream whose entries have the fields n and 文本: for the conformance suite. */
export function streamFixture(redis: TestRedis, name: string): RowFixture {
  const keys = new Map<string, string>();
  const client = () => redis.client(name);
  const restored = `${name}:restored`;
  return {
    columns: { id: "n", time: "at", text: "文本" },
    keyOf: (id) => keys.get(id) ?? "1-1",
    async reset() {
      await (await client()).del(name);
      await (await redis.client(restored)).del(restored);
      await (await client()).xgroup("CREATE", name, "g", "0", "MKSTREAM");
      await (await client()).xgroup("DESTROY", name, "g");
    },
    scope: () => scopeOf(name),
    targets: () => [],
    async insert(rows: readonly RootRow[]) {
      const own = await client();
      for (const { id, atUs, text } of rows) {
        const key = `${atUs / 1_000n}-${id}`;
        keys.set(id, key);
        await own.xadd(name, key, "n", id, "文本", text);
      }
    },
    /** No entry can be changed: the stream is deleted and made anew. */
    async change(_member, id) {
      const own = await client();
      const all = await own.xrange(name, "-", "+");
      await own.del(name);
      for (const [key, fields] of all) {
        await own.xadd(name, key, ...(key === keys.get(id) ? ["n", id, "文本", "changed"] : fields));
      }
    },
    addChild: async () => undefined,
    count: async () => (await client()).xlen(name),
    dropRoot: async () => {
      await (await client()).del(name);
    },
  };
}
