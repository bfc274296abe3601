import { describe } from "vitest";
import { storeConformance } from "@/lib/stores/conformance";
import type { RowFixture } from "@/lib/stores/conformance-fixture";
import { openTestMongo, type TestMongo } from "@/lib/stores/mongodb/testing";
import { driverOf } from "@/lib/stores/registry";
import type { FamilyScope } from "@/lib/stores/rows";
import { testServer } from "@/lib/stores/testing/servers";

const server = testServer("mongodb");

function fixture(mongo: TestMongo, unit: "timestamptz" | "ms", index: Record<string, 1>): RowFixture {
  const runs = "对话 runs";
  const at = (us: bigint) => (unit === "ms" ? Number(us / 1_000n) : new Date(Number(us / 1_000n)));
  return {
    columns: { id: "_id", time: "at", text: "text" },
    maxValueBytes: 15 * 1024 * 1024,
    reset: async () => {
      await mongo.db.dropCollection(runs).catch(() => undefined);
      await mongo.db.createCollection(runs);
      await mongo.collection(runs).createIndex(index);
      await mongo.collection(runs).createIndex({ text: 1 });
    },
    scope: (): FamilyScope => ({
      members: [{ table: { schema: mongo.name, name: runs }, key: ["_id"], columns: [], via: null }],
      time: { column: "at", unit },
      fromUs: null,
      untilUs: null,
    }),
    targets: () => [{ schema: mongo.name, name: "runs_archive" }],
    insert: async (rows) => {
      const documents = rows.map(({ id, atUs, text }) => ({
        _id: id as never,
        at: at(atUs),
        text,
        n: 1,
        nested: { a: [1, null] },
      }));
      if (documents.length > 0) await mongo.collection(runs).insertMany(documents);
    },
    change: async (_, id) => {
      await mongo.collection(runs).updateOne({ _id: id as never }, { $set: { text: "changed" } });
    },
    addChild: async () => undefined,
    count: () => mongo.collection(runs).countDocuments({}),
    dropRoot: async () => {
      await mongo.collection(runs).drop();
    },
  };
}

function run(name: string, unit: "timestamptz" | "ms", index: Record<string, 1>): void {
  if (!server) return;
  storeConformance(`MongoDB, ${name}`, driverOf("mongodb"), async () => {
    const mongo = await openTestMongo(server);
    return {
      open: (access) => mongo.open(access),
      openDead: () => mongo.open("read", { hosts: "127.0.0.1:1", replicaSet: "" }),
      rows: fixture(mongo, unit, index),
      stop: () => mongo.drop(),
    };
  });
}

describe.skipIf(!server)("on the server", () => {
  run("an index on time and _id", "timestamptz", { at: 1, _id: 1 });
  run("an index on the time alone", "timestamptz", { at: 1 });
  run("time as milliseconds", "ms", { at: 1 });
});
