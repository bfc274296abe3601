import { describe } from "vitest";
import { storeConformance } from "@/lib/stores/conformance";
import type { RootRow, RowFixture } from "@/lib/stores/conformance-fixture";
import { elasticsearchDriver } from "@/lib/stores/elasticsearch/store";
import { ES_SERVERS, EsAdmin, openEs } from "@/lib/stores/elasticsearch/testing";
import type { Store, StoreDriver } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";

const INDEX = "strata-conformance";
const FIELDS = { at: { type: "date" }, text: { type: "text" }, note: { type: "keyword" } };

for (const name of ES_SERVERS) {
  const server = testServer(name);
  describe.skipIf(!server)(name, () => {
    if (!server) return;
    const admin = new EsAdmin(server);
    storeConformance(name, elasticsearchDriver as unknown as StoreDriver, async () => {
      const opened: Store[] = [];
      const keep = (store: Store) => {
        opened.push(store);
        return store;
      };
      return {
        open: (access) => keep(openEs(server, access)),
        openDead: () => keep(openEs({ host: "127.0.0.1", port: 1 }, "read", { timeoutMs: 3_000 })),
        rows: fixture(admin),
        stop: async () => {
          for (const store of opened) await store.close();
          await admin.drop(INDEX);
        },
      };
    });
  });
}

const source = ({ atUs, text }: RootRow): string =>
  JSON.stringify({ at: new Date(Number(atUs / 1_000n)).toISOString(), text, note: "same" });

function fixture(admin: EsAdmin): RowFixture {
  const reset = async () => {
    await admin.drop(INDEX);
    await admin.make(INDEX, FIELDS);
  };
  const none = () => Promise.reject(new Error("indices have no children"));
  return {
    reset,
    scope: () => ({
      members: [{ table: { schema: "index", name: INDEX }, key: ["_id"], columns: [], via: null }],
      time: { column: "at", unit: "timestamptz" },
      fromUs: null,
      untilUs: null,
    }),
    targets: () => [],
    insert: (rows) => admin.index(INDEX, Object.fromEntries(rows.map((row) => [row.id, source(row)]))),
    change: async (_member, id) => {
      await admin.send("POST", `/${INDEX}/_update/${id}?refresh=true`, { doc: { text: "changed" } });
    },
    addChild: none,
    count: async () => (await admin.send<{ count: number }>("GET", `/${INDEX}/_count`)).count,
    dropRoot: () => admin.drop(INDEX),
    columns: { id: "_id", time: "at", text: "text" },
  };
}
