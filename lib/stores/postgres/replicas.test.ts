import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Batch } from "@/lib/stores/batch";
import { storeConformance } from "@/lib/stores/conformance";
import { parsePostgresUrl, postgresConfigSchema } from "@/lib/stores/postgres/config";
import { parsePlace, replicaPlaces } from "@/lib/stores/postgres/replica-list";
import { stateOf } from "@/lib/stores/postgres/replicas";
import { postgresDriver } from "@/lib/stores/postgres/store";
import {
  bundledServer,
  holdReplica,
  makeDatabase,
  type TestDatabase,
  type TestServer,
} from "@/lib/stores/postgres/testing";
import { familyFixture } from "@/lib/stores/postgres/testing-family";
import { driverOf } from "@/lib/stores/registry";
import type { FamilyScope, RowQuery } from "@/lib/stores/rows";
import type { OpenOptions, Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";
import { startProxy, type TcpProxy } from "@/lib/stores/testing/tcp-proxy";

describe("an address of several hosts", () => {
  test("names the primary first, then its replicas", () => {
    expect(
      parsePostgresUrl("postgres://u:p%2C@db-1:6432,db-2:6433,[::1]:7000,db-3/app?sslmode=require"),
    ).toEqual({
      host: "db-1",
      port: 6432,
      user: "u",
      password: "p,",
      database: "app",
      ssl: "require",
      replicas: "db-2:6433\n[::1]:7000\ndb-3:5432",
    });
  });
  test.each(["postgres://a,b:99999/d", "postgres://a,,b/d", "postgres://a,b c/d"])(
    "%s is bad input",
    (url) => {
      expect(() => parsePostgresUrl(url)).toThrow(expect.objectContaining({ code: "bad_input" }));
    },
  );
  test("parameters that run or read something are refused all the same", () => {
    expect(() => parsePostgresUrl("postgres://a,b/d?target_session_attrs=any&service=x")).toThrow("service");
  });
});

describe("the list of replicas", () => {
  const config = { host: "h", database: "d", user: "u" };
  test("has one host a line, at the primary's port unless it says another", () => {
    expect(replicaPlaces(" a \n\nb:1\n[fe80::1]:2", 5555)).toEqual([
      { host: "a", port: 5555 },
      { host: "b", port: 1 },
      { host: "fe80::1", port: 2 },
    ]);
    expect(parsePlace("a b", 1)).toBeNull();
  });
  test.each(["a/b", "postgres://x", "u:p@h", "a:0", "/var/run", "x\n".repeat(9)])(
    "%j is refused",
    (replicas) => {
      expect(postgresConfigSchema.safeParse({ ...config, replicas }).success).toBe(false);
    },
  );
});

test("a replica that has replayed everything is fresh, however old its last commit", () => {
  const row = { replica: "true", server: "7", behind: "0", seconds: "86400" };
  expect(stateOf(row, "7")).toMatchObject({ state: "fresh", lagSeconds: 0 });
  expect(stateOf({ ...row, behind: "10" }, "7")).toMatchObject({ state: "late", lagSeconds: 86_400 });
  expect(stateOf({ ...row, behind: "10", seconds: "2" }, "7").state).toBe("fresh");
  expect(stateOf(row, "8").state).toBe("stranger");
  expect(stateOf({ ...row, replica: "false" }, "7").state).toBe("primary");
});

const server = testServer("postgresql-replica");

let release: () => Promise<void> = async () => undefined;
beforeAll(async () => {
  if (server) release = await holdReplica(server);
}, 120_000);
afterAll(() => release());

/** As most databases commit: this server is told to forget the last moment in a crash. */
const DURABLE = { synchronous_commit: "local" };

describe.skipIf(!server)("a primary and its standby", () => {
  const signal = () => AbortSignal.timeout(20_000);
  let primary: TestServer;
  let standby: pg.Client;
  let proxy: TcpProxy;
  let database: TestDatabase;

  beforeAll(async () => {
    if (!server) return;
    const second = new URL(server.urls[1] ?? "");
    const config = {
      user: server.user,
      password: server.password,
      database: "postgres",
      ssl: "disable",
    } as const;
    primary = {
      name: "primary",
      config: { ...config, host: server.host, port: server.port },
      stop: () => undefined,
    };
    standby = new pg.Client({ ...config, ssl: false, host: second.hostname, port: Number(second.port) });
    await standby.connect();
    await resume();
    proxy = await startProxy({ host: second.hostname, port: Number(second.port) });
    database = await makeDatabase(primary, DURABLE);
    await database.sql(`
      CREATE TABLE logs (id int PRIMARY KEY, at timestamptz NOT NULL, body text);
      CREATE INDEX ON logs (at, id);
      CREATE TABLE nodes (id int PRIMARY KEY, log int, body text);
      CREATE INDEX ON nodes (log);
      INSERT INTO logs SELECT n, '2025-01-01'::timestamptz + n * interval '1 minute', 'row ' || n FROM generate_series(1, 3000) n;
      INSERT INTO nodes SELECT n, n, repeat('node ' || n, 50) FROM generate_series(1, 3000) n`);
  });
  afterEach(async () => {
    await proxy.heal();
    await resume();
  });
  afterAll(async () => {
    await resume();
    await database.drop();
    await standby.end();
    await proxy.close();
  });

  const resume = () => standby.query("SELECT pg_wal_replay_resume()");
  const pause = async () => {
    await caughtUp();
    await standby.query("SELECT pg_wal_replay_pause()");
    for (;;) {
      const { rows } = await standby.query<{ state: string }>(
        "SELECT pg_get_wal_replay_pause_state() AS state",
      );
      if (rows[0]?.state === "paused") return;
      await sleep(10);
    }
  };
  const caughtUp = async () => {
    const [row] = await database.sql("SELECT pg_current_wal_insert_lsn()::text AS lsn");
    for (;;) {
      const { rows } = await standby.query("SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS done", [
        row?.lsn,
      ]);
      if ((rows[0] as { done: boolean }).done) return;
      await sleep(10);
    }
  };
  const open = (access: OpenOptions["access"], more: object = {}): Store =>
    database.open(access, { replicas: `127.0.0.1:${proxy.port}`, ...more });
  const rowsOf = (store: Store) => {
    if (!store.rows) throw new Error("no rows");
    return store.rows;
  };

  const scope = (members: 1 | 2 = 1): FamilyScope => ({
    members: [
      { table: { schema: "public", name: "logs" }, key: ["id"], columns: [], via: null },
      {
        table: { schema: "public", name: "nodes" },
        key: ["id"],
        columns: [],
        via: { member: 0, column: "log", parentColumn: "id" },
      },
    ].slice(0, members),
    time: { column: "at", unit: "timestamptz" },
    fromUs: null,
    untilUs: null,
  });
  const reading = { member: 0, after: null, upTo: null, batchRows: 100, batchBytes: 1 << 20, digests: true };
  const query = (term: string): RowQuery => ({
    table: { schema: "public", name: "logs" },
    key: ["id"],
    time: { column: "at", unit: "timestamptz" },
    textColumns: ["body"],
    terms: [term],
    equals: [],
    fromUs: null,
    untilUs: null,
    after: null,
    limit: 10,
    columns: [],
    snippetChars: 50,
    timeoutMs: 5_000,
  });
  const found = async (store: Store, term: string) =>
    (await rowsOf(store).search(query(term), signal())).rows.map(({ key }) => key[0]);
  /** Bytes that came from the replica while `work` ran. */
  const fromReplica = async (work: () => Promise<unknown>): Promise<number> => {
    const before = proxy.passed.down;
    await work();
    return proxy.passed.down - before;
  };
  const keysRead = async (store: Store, member = 0) => {
    const keys: string[] = [];
    const versions: boolean[] = [];
    for await (const batch of rowsOf(store).read(
      scope(2),
      { ...reading, member, versions: true },
      signal(),
    )) {
      const id = batch.vectors.find(({ name }) => name === "id");
      for (const value of id?.values ?? []) keys.push(String(value));
      versions.push(batch.versions !== undefined);
    }
    return { keys, versions };
  };

  test("what is heavy is read from the standby, what writes is not", async () => {
    await caughtUp();
    const store = open("read");
    expect(
      await fromReplica(async () => expect(await found(store, "row 2999")).toEqual(["2999"])),
    ).toBeGreaterThan(0);
    expect(
      await fromReplica(async () => {
        const { members } = await rowsOf(store).months(scope(2), 5_000, signal());
        expect(members.map((months) => months[0]?.rowCount)).toEqual([3000, 3000]);
      }),
    ).toBeGreaterThan(0);
    const writer = open("write");
    const exported = await fromReplica(async () => expect((await keysRead(writer)).keys).toHaveLength(3000));
    expect(exported).toBeGreaterThan(100_000);
    const keys = [["1"], ["2"]];
    const onPrimary = async () => {
      await rowsOf(writer).window(scope(), null, 10, signal());
      await rowsOf(writer).find(scope().members[0] ?? never(), keys, signal());
      await rowsOf(writer).count(scope(), signal());
    };
    expect(await fromReplica(onPrimary)).toBe(0);
  });

  test("what was written a moment ago is seen at once", async () => {
    const store = open("read");
    for (let n = 0; n < 20; n++) {
      const row = `${5000 + n}, '2026-01-01', 'fresh ${n}.'`;
      await database.sql(`INSERT INTO logs VALUES (${row})`);
      expect(await found(store, `fresh ${n}.`)).toEqual([String(5000 + n)]);
    }
    await database.sql("DELETE FROM logs WHERE id >= 5000");
  });

  test("one that lags is passed over, and the check says so", async () => {
    const store = open("read");
    await pause();
    await database.sql("INSERT INTO logs VALUES (6000, '2026-01-01', 'only on the primary')");
    expect(await found(store, "only on the primary")).toEqual(["6000"]);
    const states = await store.figures?.(signal());
    const lag = states?.figures.find(({ key }) => key === "replicaLagBytes");
    expect(lag).toMatchObject({ charted: true, unit: "bytes" });
    expect(Number(lag?.value)).toBeGreaterThan(0);
    expect(states?.breakdowns.map(({ key }) => key)).toEqual([
      "lagByReplica",
      "delayByReplica",
      "lagByStandby",
    ]);
    expect(states?.breakdowns[0]?.rows[0]).toMatchObject({ label: `127.0.0.1:${proxy.port}` });
    await resume();
    await caughtUp();
    expect((await store.check(signal())).limits.filter(({ key }) => key.startsWith("replica"))).toEqual([]);
    expect(await fromReplica(() => found(store, "only on the primary"))).toBeGreaterThan(1_000);
    await database.sql("DELETE FROM logs WHERE id = 6000");
  });

  test("rows exported by the standby that changed since stay hot", async () => {
    const store = open("write");
    const batches: Batch[] = [];
    const options = { ...reading, batchRows: 1000, versions: true };
    const bytes = await fromReplica(async () => {
      for await (const batch of rowsOf(store).read({ ...scope(), untilUs: at(50) }, options, signal())) {
        batches.push(batch);
        // After the export of this batch, and long before its deletion: the standby never hears of it.
        await pause();
        await database.sql("UPDATE logs SET body = 'changed' WHERE id IN (7, 11)");
        await database.sql("DELETE FROM logs WHERE id = 13");
      }
    });
    expect(bytes).toBeGreaterThan(0);
    const [batch] = batches;
    if (!batch) throw never();
    expect(batch.versions).toBeUndefined();
    const keys = Array.from(batch.vectors[0]?.values ?? [], (value) => [String(value)]);
    const result = await rowsOf(store).deleteRows?.(
      scope(),
      [{ member: 0, keys, digests: batch.digests, versions: batch.versions }],
      signal(),
    );
    expect(result?.kept.map(({ key, reason }) => `${key[0]} ${reason}`).sort()).toEqual([
      "11 changed",
      "7 changed",
    ]);
    expect(result?.deleted[0]?.rowCount).toBe(46n);
    expect(
      await database.sql("SELECT id::text FROM logs WHERE at < '2025-01-01 00:50Z' ORDER BY at"),
    ).toEqual([{ id: "7" }, { id: "11" }]);
  });

  test("one that goes away in the middle of an export: the primary goes on, each row once", async () => {
    for (const member of [0, 1]) {
      const store = open("write");
      const [count] = await database.sql(
        `SELECT count(*) FROM ${member === 0 ? "logs" : "nodes WHERE log IN (SELECT id FROM logs)"}`,
      );
      // Large enough for the proxy to cut between two batches.
      proxy.cutAfter(member === 0 ? 60_000 : 400_000);
      const { keys } = await keysRead(store, member);
      expect(keys).toHaveLength(Number(count?.count));
      expect(new Set(keys).size).toBe(keys.length);
      await proxy.heal();
    }
  });

  test("one that is down, or never answers, costs a moment and no read", async () => {
    const store = open("read");
    await proxy.refuse();
    expect(await found(store, "row 2999")).toEqual(["2999"]);
    const { limits, state } = await store.check(signal());
    expect(limits.find(({ key }) => key === "replicaDown")).toMatchObject({
      severity: "warning",
      details: { replica: `127.0.0.1:${proxy.port}` },
    });
    expect(state).toBe("warning");
    await proxy.heal();
    proxy.hang();
    const begun = Date.now();
    expect(await found(open("read"), "row 2999")).toEqual(["2999"]);
    expect(Date.now() - begun).toBeLessThan(4_000);
  });

  test("a server that is no standby of this primary is never read from", async () => {
    const { host, port } = primary.config;
    const self = open("read", { replicas: `${host}:${port}` });
    expect((await self.check(signal())).limits.map(({ key }) => key)).toContain("replicaPrimary");
    expect(await found(self, "row 2999")).toEqual(["2999"]);
  });

  test("what the standby is told to write, it is not told by us", async () => {
    const store = open("write");
    await caughtUp();
    const batch = await rowsOf(store).find(scope().members[0] ?? never(), [["2000"]], signal());
    await database.sql("DELETE FROM logs WHERE id = 2000");
    expect(await fromReplica(() => rowsOf(store).write(scope().members[0] ?? never(), batch, signal()))).toBe(
      0,
    );
    expect(await database.sql("SELECT body FROM logs WHERE id = 2000")).toEqual([{ body: "row 2000" }]);
  });

  const at = (minute: number) => BigInt(Date.parse("2025-01-01T00:00:00Z") + minute * 60_000) * 1_000n;
});

if (server) {
  const { host, port, user, password } = server;
  const config = { host, port, user, password, database: "postgres", ssl: "disable" } as const;
  storeConformance("PostgreSQL 15 with a standby", driverOf(postgresDriver.kind), async () => {
    const primary = { name: "primary", config, stop: () => undefined };
    const database = await makeDatabase(primary, DURABLE);
    const replicas = server.urls
      .slice(1)
      .map((url) => new URL(url).host)
      .join("\n");
    return {
      open: (access) => database.open(access, { replicas }),
      openDead: () => database.open("read", { port: 1, replicas }),
      rows: familyFixture(database, "timestamptz"),
      stop: () => database.drop(),
    };
  });
}

test("a primary of its own, without any replica, has no lag to show", async () => {
  const database = await makeDatabase(bundledServer());
  const figures = await database.open("read").figures?.(AbortSignal.timeout(10_000));
  expect(figures).toEqual({ figures: [], breakdowns: [], notes: [] });
  await database.drop();
});

const never = (): never => {
  throw new Error("missing");
};
