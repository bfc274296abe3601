import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { hostGuard } from "@/lib/stores/host-guard";
import { PgHandle } from "@/lib/stores/postgres/client";
import { parsePostgresUrl } from "@/lib/stores/postgres/config";
import { guardedSocket } from "@/lib/stores/postgres/socket";
import { bundledServer, makeDatabase, type TestDatabase } from "@/lib/stores/postgres/testing";
import type { FamilyMember, FamilyScope } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";

const signal = () => AbortSignal.timeout(20_000);
let database: TestDatabase;

beforeAll(async () => {
  database = await makeDatabase(bundledServer());
  await database.sql(`
    CREATE TABLE logs (id bigint PRIMARY KEY, at timestamptz NOT NULL, body text);
    CREATE INDEX ON logs (at, id);
    INSERT INTO logs SELECT n, '2025-01-01'::timestamptz + n * interval '1 hour', repeat('x', 2000) FROM generate_series(1, 20000) n`);
});
afterAll(() => database.drop());

const member: FamilyMember = {
  table: { schema: "public", name: "logs" },
  key: ["id"],
  columns: [],
  via: null,
};
const scope: FamilyScope = {
  members: [member],
  time: { column: "at", unit: "timestamptz" },
  fromUs: null,
  untilUs: null,
};
const reading = { member: 0, after: null, upTo: null, batchRows: 100, batchBytes: 1 << 20, digests: false };
const rowsOf = (store: Store) => {
  if (!store.rows) throw new Error("no rows");
  return store.rows;
};

describe("an address", () => {
  test("is taken apart", () => {
    expect(
      parsePostgresUrl("postgres://us%40er:p%2Fw@db.example.com:6432/my%20db?sslmode=verify-full"),
    ).toEqual({
      host: "db.example.com",
      port: 6432,
      database: "my db",
      user: "us@er",
      password: "p/w",
      ssl: "verify-full",
    });
    expect(parsePostgresUrl("postgresql://[::1]/x")).toEqual({ host: "::1", database: "x" });
  });

  test.each(["sslcert=/etc/passwd", "sslrootcert=/x&host=/tmp", "options=-c%20a=b", "passfile=x"])(
    "with %s is refused by name",
    (query) => {
      const names = query.split("&").map((part) => part.split("=")[0] ?? "");
      const parse = () => parsePostgresUrl(`postgres://h/d?${query}`);
      for (const name of names) expect(parse).toThrow(name);
    },
  );

  test("with a lone % is refused without showing what it holds", () => {
    const parse = () => parsePostgresUrl("postgres://u:hunter%zz2@h/d");
    expect(parse).toThrow(expect.objectContaining({ code: "bad_input" }));
    expect(parse).not.toThrow("hunter");
  });

  test.each(["", "mysql://h/d", "h:5432", "postgres://h/d?sslmode=never"])("%s is bad input", (url) => {
    expect(() => parsePostgresUrl(url)).toThrow(expect.objectContaining({ code: "bad_input" }));
  });
});

describe("connecting", () => {
  const check = (more: Parameters<TestDatabase["open"]>[1]) => database.open("read", more).check(signal());

  test("a wrong password is forbidden", async () => {
    await expect(check({ password: "wrong" })).rejects.toMatchObject({
      code: "forbidden",
      key: "postgres.password",
    });
  });
  test("without a password none is taken from the surroundings", async () => {
    vi.stubEnv("PGPASSWORD", database.config.password);
    await expect(check({ password: "" })).rejects.toMatchObject({ key: "postgres.password" });
    vi.unstubAllEnvs();
  });
  test("an unknown host is unreachable", async () => {
    await expect(check({ host: "no-such-host.invalid" })).rejects.toMatchObject({
      code: "unreachable",
      key: "postgres.host",
    });
  });
  test.each(["169.254.169.254", "fe80::1", "100.100.100.200"])(
    "a metadata address %s is refused",
    async (host) => {
      for (const ssl of ["disable", "prefer"] as const)
        await expect(check({ host, ssl })).rejects.toMatchObject({ code: "refused", key: "hostForbidden" });
    },
  );
  test("so is a name that leads to one, when it connects as when it is looked up first", async () => {
    // Alone of all names this one resolves the same everywhere: an address written as one number.
    const host = "2852039166";
    await expect(check({ host, ssl: "disable" })).rejects.toMatchObject({ key: "hostForbidden" });
    const socket = guardedSocket({ host, port: 80 }, hostGuard());
    const failed = once(socket, "error");
    socket.connect({ port: 80 });
    expect((await failed)[0]).toMatchObject({ key: "hostForbidden" });
  });
  test("unless an admin allows the host", async () => {
    const allowed = { host: "169.254.169.254", allowedHosts: ["169.254.169.254"], timeoutMs: 300 };
    await expect(check({ ...allowed, ssl: "disable" })).rejects.toMatchObject({ code: "unreachable" });
  });
  test("an unknown database is not found", async () => {
    await expect(check({ database: "no_such_db" })).rejects.toMatchObject({ code: "not_found" });
  });
  test("TLS that is required and refused is said", async () => {
    await expect(check({ ssl: "require" })).rejects.toMatchObject({ key: "postgres.tlsRefused" });
    await expect(check({ ssl: "verify-full" })).rejects.toMatchObject({ key: "postgres.tlsRefused" });
    expect((await check({ ssl: "prefer" })).facts.tls).toBe(false);
  });

  describe("to a port that takes calls and never answers", () => {
    let silent: Server;
    let port = 0;
    beforeAll(async () => {
      silent = createServer(() => undefined);
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const address = silent.address();
      port = typeof address === "object" && address ? address.port : 0;
    });
    afterAll(() => silent.close());

    test.each(["disable", "prefer"] as const)("ends in time with ssl %s", async (ssl) => {
      const begun = Date.now();
      await expect(check({ port, ssl, timeoutMs: 700 })).rejects.toMatchObject({ code: "unreachable" });
      expect(Date.now() - begun).toBeLessThan(4_000);
    });
    test("ends at once when cancelled", async () => {
      const stop = new AbortController();
      const checking = database.open("read", { port }).check(stop.signal);
      stop.abort();
      await expect(checking).rejects.toMatchObject({ code: "cancelled" });
    });
  });
});

describe("in the middle of work", () => {
  test("a read-only store refuses to write, by the server", async () => {
    const rows = rowsOf(database.open("read"));
    await expect(rows.execute?.(["CREATE TABLE x (a int)"], signal())).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(
      rows.deleteRows?.(scope, [{ member: 0, keys: [["1"]], digests: [Buffer.alloc(16)] }], signal()),
    ).rejects.toMatchObject({ code: "forbidden" });
  });

  test("a statement that is cancelled stops on the server too", async () => {
    const store = database.open("read", { name: "cancel me" });
    const stop = new AbortController();
    const slow = rowsOf(store).count(
      { ...scope, members: [{ ...member, table: { schema: "public", name: "slow" } }] },
      stop.signal,
    );
    await database.sql(
      "CREATE OR REPLACE VIEW slow AS SELECT id, at, body, pg_sleep(10)::text AS nap FROM logs WHERE id < 3",
    );
    const again = rowsOf(store).count(
      { ...scope, members: [{ ...member, table: { schema: "public", name: "slow" } }] },
      stop.signal,
    );
    slow.catch(() => undefined);
    const active = async () => {
      const [row] = await database.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cancel me' AND state = 'active' AND query LIKE '%nap%'",
      );
      return Number(row?.count);
    };
    await expect.poll(active, { timeout: 5_000 }).toBeGreaterThan(0);
    stop.abort();
    await expect(again).rejects.toMatchObject({ code: "cancelled" });
    await expect.poll(active, { timeout: 3_000 }).toBe(0);
  });

  test("a table dropped while it is read ends the next read as not found", async () => {
    await database.sql(
      "CREATE TABLE gone (LIKE logs INCLUDING ALL); INSERT INTO gone SELECT * FROM logs LIMIT 300",
    );
    const rows = rowsOf(database.open("read"));
    const family = { ...scope, members: [{ ...member, table: { schema: "public", name: "gone" } }] };
    const first = rows.read(family, reading, signal())[Symbol.asyncIterator]();
    const { value } = await first.next();
    expect(value?.rowCount).toBe(100);
    await first.return?.();
    await database.sql("DROP TABLE gone");
    await expect(rows.read(family, reading, signal())[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: "not_found",
    });
  });

  test("a connection the server ends is unreachable, and the next call works", async () => {
    const rows = rowsOf(database.open("read", { name: "kill me" }));
    const read = async () => {
      for await (const _ of rows.read(scope, reading, signal())) {
        await database.sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kill me'",
        );
      }
    };
    await expect(read()).rejects.toMatchObject({ code: "unreachable" });
    expect((await rows.describe(member.table, signal())).key).toEqual(["id"]);
  });

  test("writes are durable where the database's commits are not", async () => {
    const [name] = await database.sql("SELECT current_database() AS name");
    const setting = async (access: "read" | "write") => {
      const handle = new PgHandle(database.config, {
        access,
        name: "test",
        timeoutMs: 5_000,
        connections: 1,
      });
      const [row] = await handle.run({ signal: signal(), transaction: access }, (session) =>
        session.query("SHOW synchronous_commit"),
      );
      await handle.close();
      return row?.synchronous_commit;
    };
    await database.sql(`ALTER DATABASE "${name?.name}" SET synchronous_commit = off`);
    expect(await setting("write")).toBe("local");
    expect(await setting("read")).toBe("off");
    await database.sql(`ALTER DATABASE "${name?.name}" SET synchronous_commit = remote_apply`);
    expect(await setting("write")).toBe("remote_apply");
    await database.sql(`ALTER DATABASE "${name?.name}" RESET synchronous_commit`);
  });

  test("rows somebody holds are kept, named locked", async () => {
    await database.sql(
      "CREATE TABLE held (LIKE logs INCLUDING ALL); INSERT INTO held SELECT * FROM logs LIMIT 5",
    );
    const rows = rowsOf(database.open());
    const family = { ...scope, members: [{ ...member, table: { schema: "public", name: "held" } }] };
    const keys = ["1", "2", "3", "4", "5"].map((id) => [id]);
    const [root] = family.members;
    if (!root) throw new Error("no root");
    const { digests } = await rows.find(root, keys, signal());
    await database.sql("BEGIN; SELECT * FROM held WHERE id = 3 FOR UPDATE; PREPARE TRANSACTION 'holder'");
    const { deleted, kept } =
      (await rows.deleteRows?.(family, [{ member: 0, keys, digests }], signal())) ?? {};
    expect(kept).toEqual([{ member: 0, key: ["3"], reason: "locked" }]);
    expect(deleted?.[0]?.rowCount).toBe(4n);
    const move = { after: null, maxRows: 10, statementTimeoutMs: 5_000, lockTimeoutMs: 200 };
    await expect(
      rows.moveRows?.(family, [{ schema: "public", name: "logs" }], move, signal()),
    ).rejects.toMatchObject({ code: "timeout", key: "postgres.locked", retryable: true });
    await database.sql("ROLLBACK PREPARED 'holder'");
  });
});

describe("rights", () => {
  const role = "strata_small";
  const as = (access: "read" | "write" = "write") => database.open(access, { user: role, password: "small" });
  beforeAll(async () => {
    await database.sql(`DROP ROLE IF EXISTS ${role}; CREATE ROLE ${role} LOGIN PASSWORD 'small'`);
  });
  afterAll(() => database.sql(`DROP OWNED BY ${role}; DROP ROLE ${role}`));
  const missing = async () =>
    (await as().check(signal())).rights.filter((right) => !right.granted).map((right) => right.name);

  test("each one that is missing is named, with the statement that grants it", async () => {
    expect(await missing()).toEqual(
      expect.arrayContaining(["CREATE public", "SELECT public.*", "DELETE public.*", "pg_monitor"]),
    );
    const { rights, limits } = await as().check(signal());
    for (const right of rights) expect(right.grant === null).toBe(right.granted);
    expect(limits.map((limit) => limit.key)).toContain("unreadableTables");
    const select = rights.find((right) => right.name === "SELECT public.*");
    await database.sql(select?.grant ?? "");
    expect(await missing()).not.toContain("SELECT public.*");
  });

  test("without DELETE nothing is deleted, without CREATE no table is made", async () => {
    const rows = rowsOf(as());
    const parts = [{ member: 0, keys: [["1"]], digests: [Buffer.alloc(16)] }];
    await expect(rows.deleteRows?.(scope, parts, signal())).rejects.toMatchObject({ code: "forbidden" });
    await expect(rows.execute?.(["CREATE TABLE mine (a int)"], signal())).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  test("row security that would hide rows is an error, never a smaller result", async () => {
    await database.sql(
      "CREATE TABLE secured (LIKE logs INCLUDING ALL); INSERT INTO secured SELECT * FROM logs LIMIT 9; ALTER TABLE secured ENABLE ROW LEVEL SECURITY; GRANT SELECT ON secured TO strata_small",
    );
    const family = { ...scope, members: [{ ...member, table: { schema: "public", name: "secured" } }] };
    await expect(rowsOf(as("read")).count(family, signal())).rejects.toMatchObject({ code: "forbidden" });
    expect(
      (await rowsOf(as("read")).describe({ schema: "public", name: "secured" }, signal())).rowSecurity,
    ).toBe(true);
  });
});
