import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { digestOf, readAll } from "@/lib/stores/conformance-fixture";
import { EsAdmin, openEs, rowsOfStore } from "@/lib/stores/elasticsearch/testing";
import type { FamilyScope } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { RECIPE_CREDENTIALS } from "@/lib/stores/testing/own-server";
import type { ServerProcess, TestServer } from "@/lib/stores/testing/server-file";
import { endServer, freePorts, installServer, launchServer } from "@/lib/stores/testing/server-recipes";
import { testServer } from "@/lib/stores/testing/servers";

/** Where the one without accounts is, one with accounts can be started. */
const there = testServer("elasticsearch-8");
const RECIPE = "elasticsearch-8-secured";
const INDEX = "strata-rights-2025.01";
const signal = () => AbortSignal.timeout(20_000);
const scope: FamilyScope = {
  members: [
    {
      table: { schema: "series", name: "strata-rights-{YYYY.MM}" },
      key: ["_index", "_id"],
      columns: [],
      via: null,
    },
  ],
  time: { column: "at", unit: "timestamptz" },
  fromUs: null,
  untilUs: null,
};

/** The role that the docs name, for the indices of this test. */
function documentedRole(): { cluster: string[]; indices: { names: string[]; privileges: string[] }[] } {
  const docs = readFileSync(join(import.meta.dirname, "../../../docs/stores/elasticsearch.md"), "utf8");
  const body = /PUT \/_security\/role\/strata\n(\{[\s\S]*?\n\})\n/.exec(docs)?.[1] ?? "";
  return JSON.parse(body.replace("dify-workflow-*", "strata-rights-*"));
}

describe.skipIf(!there)("on a server with accounts", () => {
  if (!there) return;
  const folder = mkdtempSync(join(tmpdir(), "strata-es-secured-"));
  let processes: ServerProcess[] = [];
  let admin: EsAdmin;
  let server: TestServer;
  const stores: Store[] = [];
  const open = (user: string, password = "strata-password", more: object = {}) => {
    const store = openEs(server, "write", { config: { user, password, ...more } });
    stores.push(store);
    return store;
  };
  const user = async (name: string, role: object) => {
    await admin.send("PUT", `/_security/role/${name}`, role);
    await admin.send("PUT", `/_security/user/${name}`, { password: "strata-password", roles: [name] });
  };
  beforeAll(async () => {
    await installServer("elasticsearch-8");
    const [port = 0] = await freePorts(1, 23_000 + Math.floor(Math.random() * 900));
    processes = await launchServer(RECIPE, [port], folder);
    server = { ...there, host: "127.0.0.1", port, ...RECIPE_CREDENTIALS };
    admin = new EsAdmin(server);
    await user("strata-full", documentedRole());
    await user("strata-reader", {
      indices: [{ names: ["strata-rights-*"], privileges: ["read", "view_index_metadata", "monitor"] }],
    });
    await admin.drop(INDEX);
    await admin.make(INDEX, { at: { type: "date" }, text: { type: "text" } }, { number_of_replicas: 1 });
    await admin.index(INDEX, {
      a: '{"at":"2025-01-01T00:00:00.000Z","text":"x"}',
      b: '{"at":"2025-01-02T00:00:00.000Z"}',
    });
  }, 180_000);
  afterAll(async () => {
    for (const store of stores) await store.close();
    await endServer(RECIPE, processes);
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test("the role in the docs is enough for all that Strata does", async () => {
    const store = open("strata-full");
    const rows = rowsOfStore(store);
    const health = await store.check(signal());
    expect(health.rights.filter(({ granted }) => !granted)).toEqual([]);
    expect(health.rights.length).toBeGreaterThan(5);
    expect((await store.tables(signal())).map(({ ref }) => ref.name)).toContain("strata-rights-{YYYY.MM}");
    expect((await store.figures?.(signal()))?.notes).toEqual([]);
    const [batch] = await readAll(rows, scope, { versions: true });
    const [member] = scope.members;
    if (!batch || !member) throw new Error("nothing read");
    const keys = ["a", "b"].map((id) => [INDEX, id]);
    const part = { member: 0, keys, digests: batch.digests, versions: batch.versions };
    expect((await rows.deleteRows?.(scope, [part], signal()))?.deleted).toEqual([digestOf([batch])]);
    for (const kind of ["replicasZero", "dropEmpty"])
      for await (const step of store.optimize?.run(member.table, { kind }, signal()) ?? []) void step;
    await admin.make(INDEX, { at: { type: "date" }, text: { type: "text" } });
    expect((await rows.write(member, batch, signal())).inserted).toEqual(digestOf([batch]));
    for await (const step of store.optimize?.run(member.table, { kind: "forceMerge" }, signal()) ?? [])
      void step;
    expect((await store.stats(member.table, scope.time, signal())).rowCount).toBe(2);
  }, 30_000);

  test("who may only read is told what is missing, and sees the rest", async () => {
    const store = open("strata-reader");
    const rows = rowsOfStore(store);
    const batches = await readAll(rows, scope, { versions: true });
    const part = { member: 0, keys: [[INDEX, "a"]], digests: batches[0]?.digests.slice(0, 1) ?? [] };
    await expect(rows.deleteRows?.(scope, [part], signal())).rejects.toMatchObject({
      code: "forbidden",
      key: "elasticsearch.right",
    });
    expect((await admin.sources(INDEX)).size).toBe(2);
    const figures = await store.figures?.(signal());
    expect(figures?.notes.map(({ key }) => key)).toEqual(["esNoMonitor"]);
    expect(figures?.breakdowns[0]?.rows.length).toBeGreaterThan(0);
    const health = await store.check(signal());
    expect(health.state).toBe("warning");
    expect(health.rights.filter(({ granted }) => !granted).map(({ name }) => name)).toEqual([
      ...["cluster:monitor", "create_doc", "delete", "maintenance", "manage"],
    ]);
  });

  test("an API key is an account too, a wrong password is none", async () => {
    const { encoded } = await admin.send<{ encoded: string }>("POST", "/_security/api_key", {
      name: "strata-test",
      role_descriptors: { strata: documentedRole() },
    });
    const store = open("", "", { apiKey: encoded });
    expect((await store.check(signal())).version).toMatch(/^Elasticsearch/);
    expect(await readAll(rowsOfStore(store), scope)).toHaveLength(1);
    for (const wrong of [open("strata-full", "wrong"), open("", "", { apiKey: "bm86bm8=" })])
      await expect(wrong.check(signal())).rejects.toMatchObject({
        code: "forbidden",
        key: "elasticsearch.password",
      });
  });
});
