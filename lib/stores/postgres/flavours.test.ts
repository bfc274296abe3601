import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeConformance } from "@/lib/stores/conformance";
import { postgresDriver } from "@/lib/stores/postgres/store";
import { givenDatabase, type TestDatabase } from "@/lib/stores/postgres/testing";
import { DISTRIBUTED, familyFixture, HYPERTABLE, type Spread } from "@/lib/stores/postgres/testing-family";
import { driverOf } from "@/lib/stores/registry";
import type { FamilyScope, RowAccess } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import type { TestServer } from "@/lib/stores/testing/server-file";
import { testServer } from "@/lib/stores/testing/servers";

/**
 * Against real servers, at STRATA_TEST_TIMESCALEDB_URL and STRATA_TEST_CITUS_URL: neither is in a registry. The
 * database of the address is used as it is (its extension is created when it is missing); the tests' tables lie in
 * schemas of their own, which are dropped.
 */
const timescale = testServer("timescaledb");
const citus = testServer("citus");
const signal = () => AbortSignal.timeout(60_000);
const SCHEMA = "strata_flavours";

function conformance(name: string, server: TestServer | null, extension: string, spread: Spread): void {
  if (!server) return;
  storeConformance(name, driverOf(postgresDriver.kind), async () => {
    const database = await opened(server, extension);
    return {
      open: (access) => database.open(access),
      openDead: () => database.open("read", { port: 1 }),
      rows: familyFixture(database, "timestamptz", spread),
      stop: async () => {
        await database.sql('DROP SCHEMA IF EXISTS "日志" CASCADE');
        await database.drop();
      },
    };
  });
}

async function opened(server: TestServer, extension: string): Promise<TestDatabase> {
  const { host, port, user, password } = server;
  const database = givenDatabase({ host, port, user, password, database: server.database, ssl: "prefer" });
  await database.sql(`CREATE EXTENSION IF NOT EXISTS ${extension} CASCADE`);
  return database;
}

conformance("TimescaleDB, a hypertable", timescale, "timescaledb", HYPERTABLE);
conformance("Citus, distributed tables", citus, "citus", DISTRIBUTED);

const rowsOf = (store: Store): RowAccess => {
  if (!store.rows) throw new Error("no rows");
  return store.rows;
};
const scope = (name: string, until: string): FamilyScope => ({
  members: [{ table: { schema: SCHEMA, name }, key: ["id", "at"], columns: [], via: null }],
  time: { column: "at", unit: "timestamptz" },
  fromUs: null,
  untilUs: BigInt(Date.parse(until)) * 1_000n,
});

async function exported(rows: RowAccess, family: FamilyScope) {
  const options = {
    member: 0,
    after: null,
    upTo: null,
    batchRows: 10_000,
    batchBytes: 64 << 20,
    digests: true,
  };
  for await (const batch of rows.read(family, options, signal())) {
    const [id, at] = batch.vectors;
    const keys = Array.from({ length: batch.rowCount }, (_, row) => [
      String(id?.values[row]),
      new Date(Number(BigInt(String(at?.values[row])) / 1_000n)).toISOString(),
    ]);
    return { member: 0, keys, digests: batch.digests };
  }
  throw new Error("nothing was read");
}

describe.skipIf(!timescale)("a hypertable by time", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    if (!timescale) return;
    database = await opened(timescale, "timescaledb");
    await database.sql(`
      DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; CREATE SCHEMA ${SCHEMA};
      CREATE TABLE ${SCHEMA}.metrics (id int NOT NULL, at timestamptz NOT NULL, body text, PRIMARY KEY (id, at));
      SELECT create_hypertable('${SCHEMA}.metrics'::regclass, 'at'::name, chunk_time_interval => interval '1 day');
      INSERT INTO ${SCHEMA}.metrics SELECT n, '2025-01-01Z'::timestamptz + n * interval '10 minutes', repeat('row ' || n, 20) FROM generate_series(0, 575) n;
      ANALYZE ${SCHEMA}.metrics`);
  }, 60_000);
  afterAll(async () => {
    await database?.sql(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
    await database?.drop();
  });
  const chunks = async () =>
    Number((await database.sql(`SELECT count(*) AS n FROM show_chunks('${SCHEMA}.metrics')`))[0]?.n);

  test("is listed with the size and the rows of its chunks", async () => {
    const tables = await database.open("read").tables(signal());
    const found = tables.filter(({ ref }) => ref.schema === SCHEMA);
    expect(found).toMatchObject([{ ref: { name: "metrics" }, kind: "hypertable" }]);
    expect(found[0]?.sizeBytes).toBeGreaterThan(100_000);
    expect(tables.some(({ ref }) => ref.name.startsWith("_hyper_"))).toBe(false);
    const store = database.open("read");
    const stats = await store.stats({ schema: SCHEMA, name: "metrics" }, null, signal());
    expect(stats.notes).toEqual([]);
    expect(stats.figures?.[0]).toMatchObject({ key: "timescaleChunks", value: 4 });
    expect((await store.check(signal())).limits.map(({ key }) => key)).not.toContain("flavourSilent");
    expect((await store.figures?.(signal()))?.notes.map(({ key }) => key)).not.toContain("flavourSilent");
  });

  test("its whole chunks are known, compressed and dropped when all of their rows were exported", async () => {
    const store = database.open("write");
    const rows = rowsOf(store);
    expect(await rows.partitions?.(scope("metrics", "2025-01-03Z"), signal())).toHaveLength(2);
    const part = await exported(rows, scope("metrics", "2025-01-03Z"));
    expect(part.keys).toHaveLength(288);
    await database.sql(`UPDATE ${SCHEMA}.metrics SET body = 'changed' WHERE id = 3`);
    const result = await rows.deleteRows?.(scope("metrics", "2025-01-03Z"), [part], signal());
    expect(result?.deleted[0]?.rowCount).toBe(287n);
    expect(result?.kept).toMatchObject([{ reason: "changed" }]);
    expect(await chunks()).toBe(3);
  });

  test("a chunk is compressed where the license lets it", async () => {
    const store = database.open("write");
    const table = { schema: SCHEMA, name: "metrics" };
    await database.sql(
      `ALTER TABLE ${SCHEMA}.metrics SET (timescaledb.compress, timescaledb.compress_orderby = 'at DESC')`,
    );
    const offers = (await store.optimize?.offers(table, signal())) ?? [];
    const compress = offers.filter(({ action }) => action.kind === "compressChunk");
    const [row] = await database.sql("SHOW timescaledb.license");
    if (Object.values(row ?? {})[0] !== "timescale") return expect(compress).toEqual([]);
    const [first] = compress;
    if (!first) throw new Error("nothing to compress is offered");
    for await (const _ of store.optimize?.run(table, first.action, signal()) ?? []);
    const risks = await rowsOf(store).risks?.(scope("metrics", "2025-01-05Z"), "delete", signal());
    expect(risks).toMatchObject([{ key: "compressedChunks", details: { chunks: 1 } }]);
  });
});

describe.skipIf(!citus)("a distributed table", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    if (!citus) return;
    database = await opened(citus, "citus");
    await database.sql(`
      DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE; CREATE SCHEMA ${SCHEMA};
      CREATE TABLE ${SCHEMA}.runs (id int, at timestamptz NOT NULL, body text, PRIMARY KEY (id, at));
      SELECT create_distributed_table('${SCHEMA}.runs'::regclass, 'id', shard_count => 4)`);
    await database.sql(`
      INSERT INTO ${SCHEMA}.runs SELECT n, '2025-01-01Z'::timestamptz + n * interval '10 minutes', repeat('row ' || n, 20) FROM generate_series(0, 575) n`);
    await database.sql(`ANALYZE ${SCHEMA}.runs`);
  }, 60_000);
  afterAll(async () => {
    await database?.sql(`DROP SCHEMA IF EXISTS ${SCHEMA} CASCADE`);
    await database?.drop();
  });

  test("is listed with the bytes and the rows of its shards, and no shard is a table", async () => {
    const store = database.open("read");
    const tables = (await store.tables(signal())).filter(({ ref }) => ref.schema === SCHEMA);
    expect(tables).toMatchObject([{ ref: { name: "runs" }, kind: "distributed", rowCount: 576 }]);
    const stats = await store.stats({ schema: SCHEMA, name: "runs" }, null, signal());
    expect(stats).toMatchObject({ notes: [], rowCount: 576 });
    expect((await store.figures?.(signal()))?.notes.map(({ key }) => key)).not.toContain("flavourSilent");
  });

  test("its rows move into an archive table that lies beside it, and exported rows are deleted", async () => {
    const rows = rowsOf(database.open("write"));
    const target = { schema: SCHEMA, name: "runs_archive" };
    const family = scope("runs", "2025-01-02Z");
    const [member] = family.members;
    if (!member) throw new Error("no member");
    const plan = await rows.archiveTable?.(member, target, signal());
    expect(plan?.ddl.at(-1)).toContain("colocate_with");
    await rows.execute?.(plan?.ddl ?? [], signal());
    expect(await rows.archiveTable?.(member, target, signal())).toMatchObject({ ddl: [], drift: [] });
    const options = { after: null, maxRows: 1000, statementTimeoutMs: 60_000, lockTimeoutMs: 5_000 };
    const moved = await rows.moveRows?.(family, [target], options, signal());
    expect(moved?.source[0]?.rowCount).toBe(144n);
    expect(moved?.target).toEqual(moved?.source);
    const rest = scope("runs", "2025-01-03Z");
    const result = await rows.deleteRows?.(rest, [await exported(rows, rest)], signal());
    expect(result).toMatchObject({ deleted: [{ rowCount: 144n }], kept: [] });
  });
});
