import { randomBytes } from "node:crypto";
import type { Collection, Db, MongoClient } from "mongodb";
import type { MongoConfig } from "@/lib/stores/mongodb/config";
import { mongodbDriver } from "@/lib/stores/mongodb/store";
import { loadVendor } from "@/lib/stores/mongodb/vendor";
import type { OpenOptions, Store } from "@/lib/stores/store";
import type { TestServer } from "@/lib/stores/testing/server-file";

/** A database of a test's own on the test server. */
export interface TestMongo {
  name: string;
  db: Db;
  config: MongoConfig;
  open(access: "read" | "write", over?: Partial<MongoConfig>, options?: Partial<OpenOptions>): Store;
  collection(name: string): Collection;
  drop(): Promise<void>;
}

export const configOf = (server: TestServer, database: string): MongoConfig =>
  mongodbDriver.config.parse({
    hosts: server.urls.map((url) => new URL(url).host).join("\n"),
    database,
    user: server.user,
    password: server.password,
    authSource: server.parameters.authSource ?? (server.user ? server.database : "") ?? "",
    replicaSet: server.parameters.replicaSet ?? "",
    ssl: server.parameters.tls === "true" ? "require" : "disable",
  });

export async function openTestMongo(server: TestServer): Promise<TestMongo> {
  const name = `strata_${randomBytes(5).toString("hex")}`;
  const { MongoClient } = await loadVendor();
  const client: MongoClient = new MongoClient(server.url);
  await client.connect();
  const db = client.db(name);
  const config = configOf(server, name);
  const opened: Store[] = [];
  return {
    name,
    db,
    config,
    open: (access, over = {}, options = {}) => {
      const store = mongodbDriver.open(
        { ...config, ...over },
        { access, name: "strata-test", timeoutMs: 15_000, connections: 4, ...options },
      );
      opened.push(store);
      return store;
    },
    collection: (collection) => db.collection(collection),
    drop: async () => {
      for (const store of opened) await store.close();
      await db.dropDatabase();
      await client.close();
    },
  };
}
