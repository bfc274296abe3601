import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { options } from "@/lib/stores/conformance-fixture";
import { doc, nastyKeys } from "@/lib/stores/mongodb/nasty";
import { openTestMongo, type TestMongo } from "@/lib/stores/mongodb/testing";
import { loadVendor, vendor } from "@/lib/stores/mongodb/vendor";
import type { FamilyScope, RowAccess, RowQuery } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";
import { startProxy, type TcpProxy } from "@/lib/stores/testing/tcp-proxy";
import { vectorText } from "@/lib/stores/text-form";

const server = testServer("mongodb");
const signal = () => AbortSignal.timeout(30_000);
const AT = new Date(Date.UTC(2026, 4, 1));

describe.skipIf(!server)("MongoDB in trouble", () => {
  let mongo: TestMongo;
  let proxy: TcpProxy;
  beforeAll(async () => {
    if (!server) return;
    await loadVendor();
    mongo = await openTestMongo(server);
    proxy = await startProxy(server);
  });
  afterAll(async () => {
    await mongo?.drop();
    await proxy?.close();
  });

  const rowsOf = (store: Store): RowAccess => {
    if (!store.rows) throw new Error("no rows");
    return store.rows;
  };
  const scopeOf = (name: string): FamilyScope => ({
    members: [{ table: { schema: mongo.name, name }, key: ["_id"], columns: [], via: null }],
    time: { column: "at", unit: "timestamptz" },
    fromUs: null,
    untilUs: null,
  });
  const queryOf = (name: string, more: Partial<RowQuery> = {}): RowQuery => ({
    table: { schema: mongo.name, name },
    key: ["_id"],
    time: { column: "at", unit: "timestamptz" },
    textColumns: ["text"],
    terms: [],
    equals: [],
    fromUs: null,
    untilUs: null,
    after: null,
    limit: 100,
    columns: [],
    snippetChars: 40,
    timeoutMs: 10_000,
    ...more,
  });
  const insert = async (name: string, documents: Map<string, unknown>[]) => {
    for (let from = 0; from < documents.length; from += 200)
      await mongo.db.command({ insert: name, documents: documents.slice(from, from + 200) });
  };
  const many = (count: number, bytes: number) =>
    Array.from({ length: count }, (_, n) =>
      doc(
        ["_id", `k${String(n).padStart(6, "0")}`],
        ["at", new Date(AT.getTime() + n)],
        ["text", "x".repeat(bytes)],
      ),
    );

  test("keys of mixed types are each read once, whatever the batch, and found and deleted by their text", async () => {
    const keys = nastyKeys();
    await insert(
      "mixed",
      keys.map((key) => doc(["_id", key], ["at", AT], ["text", "t"])),
    );
    const rows = rowsOf(mongo.open("write"));
    const scope = scopeOf("mixed");
    const whole: string[] = [];
    const edges: (readonly string[])[] = [];
    const parts = [];
    for await (const batch of rows.read(scope, options({ batchRows: 1 }), signal())) {
      const [vector] = batch.vectors;
      if (vector) whole.push(vectorText(vector, 0) ?? "");
      edges.push(batch.end);
      parts.push({ member: 0, keys: [[whole.at(-1) ?? ""]], digests: batch.digests });
    }
    expect(new Set(whole).size).toBe(keys.length);
    for (const [at, edge] of edges.entries()) {
      const rest: string[] = [];
      for await (const batch of rows.read(scope, options({ batchRows: 3, after: edge }), signal()))
        for (let row = 0; row < batch.rowCount; row += 1)
          rest.push(batch.vectors[0] ? (vectorText(batch.vectors[0], row) ?? "") : "");
      expect(rest).toEqual(whole.slice(at + 1));
    }
    const pages: string[] = [];
    for (let after: readonly string[] | null = null; ; ) {
      const page: Awaited<ReturnType<RowAccess["search"]>> = await rows.search(
        queryOf("mixed", { limit: 2, after }),
        signal(),
      );
      pages.push(...page.rows.map(({ key }) => key[0] ?? ""));
      if (!page.next) break;
      after = page.next;
    }
    expect(pages).toEqual([...whole].reverse());
    const found = await rows.find(
      scope.members[0] ?? { table: { schema: "", name: "" }, key: [], columns: [], via: null },
      whole.map((key) => [key]),
      signal(),
    );
    expect(found.rowCount).toBe(keys.length);
    for (const part of parts) {
      const result = await rows.deleteRows?.(scope, [part], signal());
      expect(result?.kept).toEqual([]);
    }
    expect(await mongo.collection("mixed").countDocuments({})).toBe(0);
  });

  test("a document that changes in nothing but a number's type since the export is kept", async () => {
    const { Int32, Double } = vendor();
    await insert("types", [
      doc(["_id", "a"], ["at", AT], ["n", new Int32(1)]),
      doc(["_id", "b"], ["at", AT], ["n", new Int32(1)]),
    ]);
    const rows = rowsOf(mongo.open("write"));
    const parts = [];
    for await (const batch of rows.read(scopeOf("types"), options(), signal()))
      parts.push({ member: 0, keys: [["a"], ["b"]], digests: batch.digests, layout: batch.vectors });
    for (const n of [new Int32(2), new Double(1)])
      await mongo.collection("types").updateOne({ _id: "b" as never }, { $set: { n } });
    const result = await rows.deleteRows?.(scopeOf("types"), parts, signal());
    expect(result?.kept).toEqual([{ member: 0, key: ["b"], reason: "changed" }]);
    expect(result?.deleted[0]?.rowCount).toBe(1n);
  });

  test("an update in the very moment of the delete keeps the document", async () => {
    await insert("moment", [
      doc(["_id", "a"], ["at", AT], ["text", "old"]),
      doc(["_id", "b"], ["at", AT], ["text", "old"]),
    ]);
    const rows = rowsOf(mongo.open("write"));
    const parts = [];
    for await (const batch of rows.read(scopeOf("moment"), options(), signal()))
      parts.push({ member: 0, keys: [["a"], ["b"]], digests: batch.digests, layout: batch.vectors });
    // Between the comparison here and the one in the server.
    const between = async () => {
      await mongo.collection("moment").updateOne({ _id: "a" as never }, { $set: { text: "new" } });
    };
    const result = await rows.deleteRows?.(scopeOf("moment"), parts, signal(), between);
    expect(result?.kept).toEqual([{ member: 0, key: ["a"], reason: "changed" }]);
    expect(await mongo.collection("moment").find({}).toArray()).toMatchObject([{ _id: "a", text: "new" }]);
  });

  test("documents that the server refuses are listed, and the others are written", async () => {
    await insert("refused", [
      doc(["_id", "a"], ["at", AT], ["u", "1"]),
      doc(["_id", "b"], ["at", AT], ["u", "2"]),
      doc(["_id", "c"], ["at", AT], ["u", "3"]),
    ]);
    const rows = rowsOf(mongo.open("write"));
    const [member] = scopeOf("refused").members;
    const batches = [];
    for await (const batch of rows.read(scopeOf("refused"), options(), signal())) batches.push(batch);
    await mongo.collection("refused").deleteMany({});
    await mongo.collection("refused").createIndex({ u: 1 }, { unique: true });
    await insert("refused", [doc(["_id", "other"], ["u", "2"])]);
    const [batch] = batches;
    if (!batch || !member) throw new Error("nothing read");
    const result = await rows.write(member, batch, signal());
    expect(result.inserted.rowCount).toBe(2n);
    expect(result.conflicts).toMatchObject([{ key: ["b"], reason: "rejected" }]);
    const again = await rows.write(member, batch, signal());
    expect([again.identical, again.inserted.rowCount]).toEqual([2, 0n]);
  });

  test("a search finds substrings in any case, filters by any type's text, and cuts around the match", async () => {
    const { Int32, Long } = vendor();
    await insert("found", [
      doc(
        ["_id", "a"],
        ["at", AT],
        ["text", `${"x".repeat(100)} Needle (a+b).* 50% ${"y".repeat(100)}`],
        ["n", new Int32(7)],
        ["b", true],
      ),
      doc(
        ["_id", "b"],
        ["at", AT],
        ["text", "nothing"],
        ["n", Long.fromString("9007199254740993")],
        ["o", doc(["k", "v"])],
      ),
      doc(["_id", "c"], ["at", AT], ["other", "needle"]),
    ]);
    const rows = rowsOf(mongo.open("read"));
    const keys = async (more: Partial<RowQuery>) =>
      (await rows.search(queryOf("found", more), signal())).rows.map(({ key }) => key[0]);
    expect(await keys({ terms: ["NEEDLE"] })).toEqual(["a"]);
    expect(await keys({ terms: ["(a+b).*", "50%"] })).toEqual(["a"]);
    expect(await keys({ terms: ["a.b"] })).toEqual([]);
    expect(await keys({ terms: ["needle"], textColumns: ["text", "other"] })).toEqual(["c", "a"]);
    expect(await keys({ equals: [{ column: "n", value: "7" }] })).toEqual(["a"]);
    expect(await keys({ equals: [{ column: "n", value: "9007199254740993" }] })).toEqual(["b"]);
    expect(await keys({ equals: [{ column: "b", value: "true" }] })).toEqual(["a"]);
    expect(await keys({ equals: [{ column: "o", value: '{"k":"v"}' }] })).toEqual(["b"]);
    expect(await keys({ equals: [{ column: "_id", value: "c" }] })).toEqual(["c"]);
    expect(await keys({ equals: [{ column: "n", value: "{$gt: 0}" }] })).toEqual([]);
    const page = await rows.search(
      queryOf("found", { terms: ["needle"], columns: ["n", "_extra"] }),
      signal(),
    );
    const [row] = page.rows;
    expect(row?.values.text).toHaveLength(40);
    expect(row?.values.text).toContain("Needle");
    expect(row?.values.n).toBe("7");
  });

  test("a connection that is cut in mid-batch is unreachable, and the next call works", async () => {
    await insert("cut", many(400, 20_000));
    const store = mongo.open("read", { hosts: `127.0.0.1:${proxy.port}` });
    const rows = rowsOf(store);
    await store.check(signal());
    const reading = async (atFirst: () => void) => {
      let count = 0;
      for await (const batch of rows.read(scopeOf("cut"), options({ batchRows: 20 }), signal())) {
        if (count === 0) atFirst();
        count += batch.rowCount;
      }
      return count;
    };
    await expect(reading(() => proxy.cutAfter(50_000))).rejects.toMatchObject({
      code: "unreachable",
      retryable: true,
    });
    await proxy.heal();
    expect(await reading(() => undefined)).toBe(400);
  });

  test("a server that hangs ends every call in time", async () => {
    const store = mongo.open("write", { hosts: `127.0.0.1:${proxy.port}` }, { timeoutMs: 700 });
    await store.check(signal());
    proxy.hang();
    const begun = Date.now();
    const table = { schema: mongo.name, name: "cut" };
    const calls = [
      store.check(signal()),
      store.tables(signal()),
      store.stats(table, null, signal()),
      store.figures?.(signal()),
      rowsOf(store).describe(table, signal()),
      rowsOf(store).count(scopeOf("cut"), signal()),
      rowsOf(store).search(queryOf("cut", { timeoutMs: 500 }), signal()),
      store.optimize?.offers(table, signal()),
    ];
    for (const result of await Promise.allSettled(calls)) {
      expect(result.status).toBe("rejected");
      if (result.status === "rejected")
        expect(["timeout", "unreachable"], String(result.reason)).toContain(result.reason.code);
    }
    expect(Date.now() - begun).toBeLessThan(12_000);
    await store.close();
    await proxy.heal();
  }, 20_000);

  test("hosts that are not there, do not resolve, speak otherwise, or lead to metadata", async () => {
    const answer = async (hosts: string, more = {}) => {
      const begun = Date.now();
      const error: unknown = await mongo
        .open("read", { hosts, replicaSet: "", ...more }, { timeoutMs: 3_000 })
        .check(signal())
        .catch((one: unknown) => one);
      expect(Date.now() - begun).toBeLessThan(8_000);
      return error;
    };
    expect(await answer("127.0.0.1:1")).toMatchObject({ code: "unreachable", key: "mongodb.refused" });
    expect(await answer("no-such-host.invalid")).toMatchObject({ code: "unreachable", key: "mongodb.host" });
    expect(await answer("169.254.169.254")).toMatchObject({ code: "refused", key: "hostForbidden" });
    const http = createServer((socket) =>
      socket.on("error", () => undefined).end("HTTP/1.1 400 Bad Request\r\n\r\n"),
    );
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as AddressInfo;
    expect(await answer(`127.0.0.1:${port}`)).toMatchObject({ code: "unreachable" });
    http.close();
    if (server)
      expect(await answer(`${server.host}:${server.port}`, { ssl: "verify-full" })).toMatchObject({
        code: "unreachable",
      });
    if (server)
      expect(await answer(`${server.host}:${server.port}`, { replicaSet: "nowhere" })).toMatchObject({
        code: "unreachable",
      });
  }, 40_000);

  test("names with every quoting trouble, 1,000 collections, 2,000 fields", async () => {
    const names = [`a"b`, `a'b`, "数据 表", "a`b", "a%b", "a.b", "a\\b"];
    for (const name of names) await insert(name, [doc(["_id", "k"], ["at", AT], ["text", name])]);
    const { Int32 } = vendor();
    const wide = Array.from({ length: 2_000 }, (_, n): [string, unknown] => [`field ${n}`, new Int32(n)]);
    await insert("wide", [doc(["_id", "k"], ["at", AT], ...wide)]);
    for (let n = 0; n < 1_000; n += 1) await mongo.db.createCollection(`many_${n}`);
    const store = mongo.open("write");
    const listed = await store.tables(signal());
    const listedNames = new Set(listed.map(({ ref }) => ref.name));
    for (const name of [...names, "wide", "many_999"]) expect(listedNames).toContain(name);
    for (const name of [...names, "wide"]) {
      const parts = [];
      for await (const batch of rowsOf(store).read(scopeOf(name), options(), signal()))
        parts.push({ member: 0, keys: [["k"]], digests: batch.digests, layout: batch.vectors });
      expect((await rowsOf(store).deleteRows?.(scopeOf(name), parts, signal()))?.deleted[0]?.rowCount).toBe(
        1n,
      );
    }
  }, 60_000);

  test("stats, figures and a check degrade with their reasons", async () => {
    await insert("stats", many(10, 10));
    await mongo.collection("stats").createIndex({ at: 1 });
    const store = mongo.open("read");
    const stats = await store.stats(
      { schema: mongo.name, name: "stats" },
      { column: "at", unit: "timestamptz" },
      signal(),
    );
    expect(stats).toMatchObject({
      rowCount: 10,
      oldestAt: AT.toISOString(),
      newestAt: new Date(AT.getTime() + 9).toISOString(),
    });
    expect(stats.advice?.map(({ key }) => key)).toEqual(["mongoTimeIndexShort"]);
    const { figures, breakdowns, notes } = (await store.figures?.(signal())) ?? {
      figures: [],
      breakdowns: [],
      notes: [],
    };
    expect(figures.find(({ key }) => key === "mongoConnections")?.value).toBeGreaterThan(0);
    expect(breakdowns.map(({ key }) => key)).toContain("mongoIndexUse");
    const real = await mongo.db.command({ hello: 1 }).then(
      () => true,
      () => false,
    );
    if (!real) expect(notes.map(({ key }) => key)).toEqual(["mongoNoCache"]);
    const health = await store.check(signal());
    if (!real)
      expect(health).toMatchObject({
        state: "healthy",
        facts: { mongoRole: "standalone" },
        limits: [{ key: "mongoNoUser" }],
      });
    const [offer] = (await store.optimize?.offers({ schema: mongo.name, name: "stats" }, signal())) ?? [];
    expect(offer?.plan.statements[0]).toContain("compact");
  });
});
