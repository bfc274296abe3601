import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseMysqlUrl } from "@/lib/stores/mysql/config";
import { mysqlDriver } from "@/lib/stores/mysql/store";
import { makeDatabase, type TestDatabase } from "@/lib/stores/mysql/testing";
import type { FamilyMember, FamilyScope, RowQuery } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";
import { startProxy, type TcpProxy } from "@/lib/stores/testing/tcp-proxy";

const signal = () => AbortSignal.timeout(20_000);
const reading = { member: 0, after: null, upTo: null, batchRows: 100, batchBytes: 1 << 20, digests: false };
const rowsOf = (store: Store) => {
  if (!store.rows) throw new Error("no rows");
  return store.rows;
};

describe("an address", () => {
  test("is taken apart", () => {
    expect(parseMysqlUrl("mysql://us%40er:p%25w@db:3307/newapi?ssl-mode=VERIFY_IDENTITY")).toEqual({
      host: "db",
      port: 3307,
      database: "newapi",
      user: "us@er",
      password: "p%w",
      ssl: "verify-full",
    });
    expect(parseMysqlUrl("mariadb://[::1]/x")).toEqual({ host: "::1", database: "x" });
  });

  test.each([
    "allowLoadLocalInfile=true",
    "init_connect=DROP+TABLE+x",
    "multipleStatements=true",
    "socketPath=/tmp/x",
    "ssl=%7B%22ca%22%3A%22/etc/passwd%22%7D",
    "authPlugins=x",
    "charset=latin1",
  ])("with %s is refused by name", (parameter) => {
    expect(() => parseMysqlUrl(`mysql://h/d?${parameter}`)).toThrow(parameter.split("=")[0]);
  });

  test("of another kind, or with a stray %, is refused", () => {
    expect(() => parseMysqlUrl("postgres://h/d")).toThrow("mysql://");
    expect(() => parseMysqlUrl("mysql://u:50%@h/d")).toThrow("%25");
  });
});

for (const name of ["mariadb", "mysql"]) {
  const server = testServer(name);
  describe.skipIf(!server)(`trouble with ${name}`, () => {
    let database: TestDatabase;
    let proxy: TcpProxy;
    const member = (table = "logs"): FamilyMember => ({
      table: { schema: database.config.database, name: table },
      key: ["id"],
      columns: [],
      via: null,
    });
    const scope = (table = "logs"): FamilyScope => ({
      members: [member(table)],
      time: { column: "at", unit: "timestamp" },
      fromUs: null,
      untilUs: null,
    });

    beforeAll(async () => {
      if (!server) return;
      database = await makeDatabase(server);
      proxy = await startProxy(server);
      await database.sql(
        "CREATE TABLE logs (id int PRIMARY KEY, at datetime NOT NULL, body longtext COLLATE utf8mb4_bin, KEY (at, id))",
      );
      for (let from = 0; from < 4_000; from += 500) {
        const rows = Array.from(
          { length: 500 },
          (_, at) =>
            `(${from + at}, '2025-01-01' + INTERVAL ${from + at} HOUR, '${"x".repeat(2_000)} ÉCOLE 50% ${from + at}')`,
        );
        await database.sql(`INSERT INTO logs VALUES ${rows.join(", ")}`);
      }
    });
    afterAll(async () => {
      await proxy?.close();
      await database?.drop();
    });

    test.each([
      [{ password: "wrong" }, { code: "forbidden", key: "mysql.password" }],
      [{ database: "nowhere_at_all" }, { code: "not_found", key: "mysql.database" }],
      [{ port: 1 }, { code: "unreachable", key: "mysql.refused" }],
      [{ host: "no.such.host.invalid" }, { code: "unreachable", key: "mysql.host" }],
      [{ host: "169.254.169.254" }, { code: "refused", key: "hostForbidden" }],
    ])("%o is said to be so", async (more, expected) => {
      await expect(database.open("read", more).check(signal())).rejects.toMatchObject(expected);
    });

    test("TLS that the server lacks is refused before anything is sent", async () => {
      const health = await database.open("read", { ssl: "prefer" }).check(signal());
      if (health.facts.tls) return;
      const store = database.open("read", { ssl: "require" });
      await expect(store.check(signal())).rejects.toMatchObject({ key: "mysql.tlsRefused" });
    });

    test.each([
      ["speaks another protocol", "SSH-2.0-OpenSSH_9\r\n"],
      ["waits for us to speak", ""],
    ])("a server that %s is told from one that is away", async (_, greeting) => {
      const other: Server = createServer((socket) => {
        socket.on("error", () => undefined);
        if (greeting) socket.write(greeting);
      });
      await new Promise<void>((done) => other.listen(0, "127.0.0.1", done));
      const address = other.address();
      const port = typeof address === "object" ? (address?.port ?? 0) : 0;
      const store = database.open("read", { port, timeoutMs: 500 });
      const error = await store.check(signal()).catch((caught: unknown) => caught);
      expect(["mysql.otherProtocol", "mysql.noAnswerInTime"]).toContain((error as { key: string }).key);
      if (greeting) expect(error).toMatchObject({ key: "mysql.otherProtocol" });
      other.close();
    });

    test("a connection cut in mid-batch is an error, and the next read is whole", async () => {
      const store = database.open("read", { port: proxy.port });
      proxy.cutAfter(1_500_000);
      let count = 0;
      const all = async () => {
        for await (const batch of rowsOf(store).read(scope(), reading, signal())) count += batch.rowCount;
      };
      await expect(all()).rejects.toMatchObject({ code: "unreachable", retryable: true });
      expect(count).toBeLessThan(4_000);
      count = 0;
      await all();
      expect(count).toBe(4_000);
    });

    test("a server that hangs ends the call in time, and others go on", async () => {
      const store = database.open("read", { port: proxy.port, timeoutMs: 300 });
      await store.check(signal());
      proxy.hang();
      await expect(store.check(signal())).rejects.toMatchObject({ code: "timeout" });
      await proxy.heal();
      expect((await store.check(signal())).version).toContain(".");
    });

    test("a slow statement is ended on the server when its time is over", async () => {
      const query: RowQuery = {
        table: member().table,
        key: ["id"],
        time: { column: "at", unit: "timestamp" },
        textColumns: ["body"],
        terms: ["nothing like it"],
        equals: [],
        fromUs: null,
        untilUs: null,
        after: null,
        limit: 10,
        columns: ["id"],
        snippetChars: 40,
        timeoutMs: 1,
      };
      const rows = rowsOf(database.open("read"));
      expect(await rows.search(query, signal())).toMatchObject({ rows: [] });
      const found = await rows.search({ ...query, terms: ["école", "50%"], timeoutMs: 10_000 }, signal());
      expect(found.rows.map(({ key }) => key[0])).toEqual(
        Array.from({ length: 10 }, (_, at) => String(3_999 - at)),
      );
      expect(found.rows[0]?.values.body).toContain("ÉCOLE 50% 3999");
      const next = await rows.search(
        { ...query, terms: ["50%"], after: found.next, limit: 5_000, timeoutMs: 10_000 },
        signal(),
      );
      expect(next.rows).toHaveLength(3_990);
      expect(next.next).toBeNull();
      const none = await rows.search({ ...query, terms: ["50_"], timeoutMs: 10_000 }, signal());
      expect(none.rows).toEqual([]);
    });

    test("a read stops the server, not the memory, while nobody takes its rows", async () => {
      const store = database.open("read", { port: proxy.port });
      const before = proxy.passed.down;
      for await (const batch of rowsOf(store).read(scope(), reading, signal())) {
        expect(batch.rowCount).toBe(100);
        await new Promise((done) => setTimeout(done, 200));
        // 8 MB are there to be sent; sockets and the proxy hold some of it.
        expect(proxy.passed.down - before).toBeLessThan(7_000_000);
        break;
      }
    });

    test("a value of 16 MB goes round, and one beyond max_allowed_packet is named", async () => {
      await database.sql("CREATE TABLE big LIKE logs", "CREATE TABLE big2 LIKE logs");
      await database.sql("INSERT INTO big VALUES (1, '2025-01-01', REPEAT('档', 5592406))");
      const rows = rowsOf(database.open("write"));
      for await (const batch of rows.read(scope("big"), { ...reading, digests: true }, signal())) {
        expect(batch.sizeBytes).toBeGreaterThan(16 << 20);
        const written = await rows.write(member("big2"), batch, signal());
        expect(written).toMatchObject({ conflicts: [], inserted: { rowCount: 1n } });
      }
      expect(await rows.count(scope("big2"), signal())).toEqual(await rows.count(scope("big"), signal()));
    });

    test("a row that somebody holds is kept, and one that a move meets ends it in time", async () => {
      const [one] = await database.sql("SELECT id FROM logs ORDER BY at LIMIT 1");
      const rows = rowsOf(database.open("write"));
      const found = await rows.find(member(), [[one?.id ?? ""]], signal());
      await database.sql("START TRANSACTION", `SELECT * FROM logs WHERE id = ${one?.id} FOR UPDATE`);
      const parts = [{ member: 0, keys: [[one?.id ?? ""]], digests: found.digests }];
      const result = await rows.deleteRows?.(scope(), parts, signal());
      expect(result?.kept).toEqual([{ member: 0, key: [one?.id], reason: "locked" }]);
      await database.sql("ROLLBACK");
    });

    test("many tables and a table of a thousand columns (InnoDB takes 1,017) are listed and read", async () => {
      const own = await makeDatabase(server as NonNullable<typeof server>);
      try {
        for (let n = 0; n < 300; n++)
          await own.sql(`CREATE TABLE t${n} (id int PRIMARY KEY) ENGINE = MyISAM`);
        const columns = Array.from({ length: 1_000 }, (_, n) => `c${n} tinyint`);
        await own.sql(`CREATE TABLE wide (id int PRIMARY KEY, at datetime, ${columns.join(", ")}, KEY (at))`);
        await own.sql("INSERT INTO wide (id, at) VALUES (1, '2025-01-01')");
        const store = own.open("read");
        const tables = await store.tables(signal());
        expect(tables).toHaveLength(301);
        const wide = { schema: own.config.database, name: "wide" };
        const all = {
          ...scope(),
          members: [{ table: wide, key: ["id"], columns: [], via: null }],
        };
        expect((await rowsOf(store).count(all, signal()))[0]?.rowCount).toBe(1n);
      } finally {
        await own.drop();
      }
    }, 40_000);

    test("a name with every quoting trouble is a name", async () => {
      const odd = await makeDatabase(server as NonNullable<typeof server>, `a"b'c %_\`数据 ${process.pid}`);
      try {
        await odd.sql("CREATE TABLE `t``\"'%` (`i``d` int PRIMARY KEY, `a't` datetime, KEY (`a't`))");
        await odd.sql("INSERT INTO `t``\"'%` VALUES (1, '2025-01-01')");
        const store = odd.open("read");
        const [table] = await store.tables(signal());
        expect(table).toMatchObject({ ref: { name: "t`\"'%" }, key: ["i`d"] });
        const time = { column: "a't", unit: "timestamp" as const };
        expect(await store.stats(table?.ref ?? member().table, time, signal())).toMatchObject({
          oldestAt: "2025-01-01T00:00:00Z",
        });
      } finally {
        await odd.drop();
      }
    });
  });
}

test("opening loads no client and connects nowhere", () => {
  const config = mysqlDriver.config.parse({ host: "db", database: "d", user: "u" });
  const store = mysqlDriver.open(config, { access: "read", name: "x", timeoutMs: 1, connections: 1 });
  return store.close();
});
