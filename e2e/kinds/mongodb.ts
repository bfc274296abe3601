import { MongoClient } from "mongodb";
import type { TestServer } from "@/lib/stores/testing/server-file";
import type { KindStory } from "./kind-story";

const COLLECTION = "story_logs";

async function inCollection<T>(
  server: TestServer,
  work: (collection: ReturnType<ReturnType<MongoClient["db"]>["collection"]>) => Promise<T>,
): Promise<T> {
  const client = new MongoClient(server.url);
  try {
    return await work(client.db(server.database).collection(COLLECTION));
  } finally {
    await client.close();
  }
}

export const mongodbStory: KindStory = {
  kind: "mongodb",
  server: "mongodb",
  address: (server) => server.url,
  seed: (server, rows) =>
    inCollection(server, async (collection) => {
      await collection.drop().catch(() => undefined);
      await collection.createIndex({ created_at: 1, _id: 1 });
      await collection.insertMany(
        rows.map((row) => ({
          tenant: row.tenant,
          created_at: row.at,
          content: row.text,
          nested: { n: row.id },
        })),
      );
      return COLLECTION;
    }),
  count: (server) => inCollection(server, (collection) => collection.countDocuments({})),
  restores: true,
  optimize: null,
};
