import type { Document, FindOptions } from "mongodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MongoHandle, type RunOptions } from "@/lib/stores/mongodb/client";
import { deleteRows } from "@/lib/stores/mongodb/delete";
import { readRows } from "@/lib/stores/mongodb/read";
import { openTestMongo, type TestMongo } from "@/lib/stores/mongodb/testing";
import { writeRows } from "@/lib/stores/mongodb/write";
import type { FamilyScope } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";
import { testServer } from "@/lib/stores/testing/servers";

const server = testServer("mongodb");
const signal = () => AbortSignal.timeout(20_000);

/** Writes as a primary that steps down does: they are there, and most members do not have them. */
class SteppingDown extends MongoHandle {
  /** Whether a failover would take back what was written. */
  shaky = true;
  override async command(database: string, command: Document, options: RunOptions): Promise<Document> {
    const answer = await super.command(database, command, options);
    if (!this.shaky || !command.writeConcern) return answer;
    return { ...answer, writeConcernError: { code: 11602, errmsg: "operation was interrupted" } };
  }
  override async *raw(table: TableRef, filter: Document, find: FindOptions, options: RunOptions) {
    if (this.shaky && find.readConcern) return;
    yield* super.raw(table, filter, find, options);
  }
}

describe.skipIf(!server)("writes that most members do not have", () => {
  let mongo: TestMongo;
  beforeAll(async () => {
    if (server) mongo = await openTestMongo(server);
  });
  afterAll(() => mongo?.drop());

  test("are an error that is tried again; equal documents count only when they last", async () => {
    await mongo
      .collection("from")
      .insertMany([1, 2].map((n) => ({ _id: `k${n}`, at: new Date(n), n }) as Document));
    await mongo.db.createCollection("into");
    const options = { access: "write", name: "test", timeoutMs: 15_000, connections: 2 } as const;
    const handle = new SteppingDown(mongo.config, options);
    const member = (name: string) => ({
      table: { schema: mongo.name, name },
      key: ["_id"],
      columns: [],
      via: null,
    });
    const scope: FamilyScope = {
      members: [member("from")],
      time: { column: "at", unit: "timestamptz" },
      fromUs: null,
      untilUs: null,
    };
    const size = { batchRows: 100, batchBytes: 1 << 20 };
    const slice = { member: 0, after: null, upTo: null, digests: true };
    for await (const batch of readRows(handle, scope, { ...slice, ...size }, signal())) {
      const unsure = { code: "unreachable", retryable: true, key: "mongodb.unconfirmed" };
      await expect(writeRows(handle, member("into"), batch, signal())).rejects.toMatchObject(unsure);
      // It is there by now, equal: that alone is no reason to give up what it came from.
      await expect(writeRows(handle, member("into"), batch, signal())).rejects.toMatchObject(unsure);
      const parts = [{ member: 0, keys: [["k1"], ["k2"]], digests: batch.digests }];
      await expect(deleteRows(handle, scope, parts, signal())).rejects.toMatchObject(unsure);
      handle.shaky = false;
      expect(await writeRows(handle, member("into"), batch, signal())).toMatchObject({ identical: 2 });
    }
    await handle.close();
  });
});
