import { randomBytes } from "node:crypto";
import { afterAll, describe, expect, test } from "vitest";
import { ES_SERVERS, EsAdmin, openEs } from "@/lib/stores/elasticsearch/testing";
import type { FamilyScope } from "@/lib/stores/rows";
import { testServer } from "@/lib/stores/testing/servers";

for (const name of ES_SERVERS) {
  const server = testServer(name);
  describe.skipIf(!server)(`a restore to ${name}`, () => {
    const index = `risk-${randomBytes(4).toString("hex")}`;
    if (!server) return;
    const admin = new EsAdmin(server);
    afterAll(() => admin.drop(index));

    test("is warned of an index that a crash makes forget, with what mends it", async () => {
      await admin.make(index, { at: { type: "date" } }, { "index.translog.durability": "async" });
      const table = { schema: "index", name: index };
      const scope: FamilyScope = {
        members: [{ table, key: ["_id"], columns: [], via: null }],
        time: { column: "at", unit: "timestamptz" },
        fromUs: null,
        untilUs: null,
      };
      const store = openEs(server, "read");
      const risks = () => store.rows?.risks?.(scope, "restore", AbortSignal.timeout(10_000));
      const fix = [`PUT /${index}/_settings {"index.translog.durability": "request"}`];
      expect(await risks()).toMatchObject([{ severity: "warn", key: "elasticsearchRestoreLate", fix }]);
      await admin.send("PUT", `/${index}/_settings`, { "index.translog.durability": "request" });
      expect(await risks()).toEqual([]);
      await store.close();
    });
  });
}
