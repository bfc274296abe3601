import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bundledServer,
  holdReplica,
  makeDatabase,
  standbysCaughtUp,
  type TestDatabase,
  type TestServer,
} from "@/lib/stores/postgres/testing";
import type { FamilyScope, RowAccess } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { testServer } from "@/lib/stores/testing/servers";

/** The statements of docs/stores/postgres.md, word for word but for the names. */
const GRANTS = {
  see: (user: string) => [
    `GRANT USAGE ON SCHEMA public TO ${user}`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${user}`,
  ],
  archive: (user: string) => [
    `GRANT DELETE, UPDATE ON public.messages TO ${user}`,
    `GRANT CREATE ON SCHEMA public TO ${user}`,
  ],
  restore: (user: string) => [`GRANT INSERT ON public.messages TO ${user}`],
};

const signal = () => AbortSignal.timeout(20_000);
const PASSWORD = "smallest-grant";
const table = { schema: "public", name: "messages" };
const target = { schema: "public", name: "messages_archive" };
const member = { table, key: ["id"], columns: [], via: null };
const scope = (hour: number): FamilyScope => ({
  members: [member],
  time: { column: "at", unit: "timestamptz" },
  fromUs: null,
  untilUs: BigInt(Date.parse("2025-01-01Z") + hour * 3_600_000) * 1_000n,
});
const rowsOf = (store: Store): RowAccess => {
  if (!store.rows) throw new Error("no rows");
  return store.rows;
};

async function exported(rows: RowAccess, hour: number) {
  const options = { member: 0, after: null, upTo: null, batchRows: 1000, batchBytes: 1 << 20, digests: true };
  for await (const batch of rows.read(scope(hour), { ...options, versions: true }, signal())) {
    const keys = Array.from(batch.vectors[0]?.values ?? [], (value) => [String(value)]);
    return { part: { member: 0, keys, digests: batch.digests, versions: batch.versions } };
  }
  throw new Error("nothing was read");
}

async function prepared(server: TestServer, user: string): Promise<TestDatabase> {
  const database = await makeDatabase(server, { synchronous_commit: "local" });
  await database.sql(`
    CREATE TABLE messages (id int PRIMARY KEY, at timestamptz NOT NULL, body text);
    CREATE INDEX ON messages (at, id);
    INSERT INTO messages SELECT n, '2025-01-01Z'::timestamptz + n * interval '1 minute', 'message ' || n FROM generate_series(1, 300) n;
    ANALYZE messages;
    CREATE ROLE ${user} LOGIN PASSWORD '${PASSWORD}'`);
  return database;
}

describe("a user with", () => {
  const user = `strata_smallest_${process.pid}`;
  const signIn = { user, password: PASSWORD };
  let database: TestDatabase;
  beforeAll(async () => {
    database = await prepared(bundledServer(), user);
  });
  afterAll(async () => {
    await database.sql(`DROP OWNED BY ${user}; DROP ROLE ${user}`);
    await database.drop();
  });
  const grant = async (statements: readonly string[]) => {
    for (const statement of statements) await database.sql(statement);
  };

  test("nothing: the tables are not seen, and the check says which right is missing", async () => {
    const health = await database.open("read", signIn).check(signal());
    expect(health.rights.find(({ costKey }) => costKey === "select")).toMatchObject({ granted: false });
  });

  test("the first grant sees, plans and searches, and can neither delete nor write", async () => {
    await grant(GRANTS.see(user));
    const store = database.open("write", signIn);
    const rows = rowsOf(store);
    expect(await store.tables(signal())).toMatchObject([{ ref: table, rowCount: 300 }]);
    expect((await store.stats(table, scope(1).time, signal())).notes).toEqual([]);
    expect((await rows.months(scope(9), 5_000, signal())).members[0]?.[0]?.rowCount).toBe(300);
    expect((await store.figures?.(signal()))?.notes).toEqual([]);
    expect((await store.queryStats?.(signal()))?.connections).not.toBeNull();
    const { part } = await exported(rows, 1);
    const refused = { code: "forbidden", key: "postgres.right" };
    await expect(rows.deleteRows?.(scope(1), [part], signal())).rejects.toMatchObject(refused);
  });

  test("the second archives, to cold and to a table of its own", async () => {
    await grant(GRANTS.archive(user));
    const rows = rowsOf(database.open("write", signIn));
    const { part } = await exported(rows, 1);
    const result = await rows.deleteRows?.(scope(1), [part], signal());
    expect(result).toMatchObject({ deleted: [{ rowCount: 59n }], kept: [] });
    const plan = await rows.archiveTable?.(member, target, signal());
    await rows.execute?.(plan?.ddl ?? [], signal());
    const options = { after: null, maxRows: 1000, statementTimeoutMs: 10_000, lockTimeoutMs: 2_000 };
    const moved = await rows.moveRows?.(scope(2), [target], options, signal());
    expect(moved?.target[0]?.rowCount).toBe(60n);
  });

  test("the third restores", async () => {
    const store = database.open("write", signIn);
    const batch = await rowsOf(store).find({ ...member, table: target }, [["60"], ["61"]], signal());
    await expect(rowsOf(store).write(member, batch, signal())).rejects.toMatchObject({ code: "forbidden" });
    await grant(GRANTS.restore(user));
    expect((await rowsOf(store).write(member, batch, signal())).inserted.rowCount).toBe(2n);
  });
});

const pair = testServer("postgresql-replica");

test.skipIf(!pair)(
  "the first grant is enough to read from a replica",
  async () => {
    if (!pair) return;
    const release = await holdReplica(pair);
    const { host, port, user: admin, password } = pair;
    const config = { host, port, user: admin, password, database: "postgres", ssl: "disable" } as const;
    const user = `strata_smallest_${process.pid}`;
    const database = await prepared({ name: "primary", config, stop: () => undefined }, user);
    for (const statement of GRANTS.see(user)) await database.sql(statement);
    await standbysCaughtUp(database);
    const replicas = new URL(pair.urls[1] ?? "").host;
    const store = database.open("read", { user, password: PASSWORD, replicas, name: "smallest" });
    expect(await rowsOf(store).count(scope(9), signal())).toMatchObject([{ rowCount: 300n }]);
    expect((await store.check(signal())).limits.filter(({ key }) => key.startsWith("replica"))).toEqual([]);
    expect((await store.figures?.(signal()))?.figures.find(({ key }) => key === "replicasFresh")?.value).toBe(
      1,
    );
    await store.close();
    await database.sql(`DROP OWNED BY ${user}; DROP ROLE ${user}`);
    await database.drop();
    await release();
  },
  120_000,
);
