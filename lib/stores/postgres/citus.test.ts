import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeConformance } from "@/lib/stores/conformance";
import {
  areColocated,
  deadOfShards,
  nodeLimits,
  rebalanceAdvice,
  rowsOfShards,
  shardsByNode,
  spreadPlan,
  withCitusTables,
} from "@/lib/stores/postgres/citus";
import type { Row } from "@/lib/stores/postgres/client";
import { citusKind } from "@/lib/stores/postgres/flavour";
import { postgresDriver } from "@/lib/stores/postgres/store";
import { bundledServer, makeDatabase, type TestDatabase } from "@/lib/stores/postgres/testing";
import { DISTRIBUTED, familyFixture } from "@/lib/stores/postgres/testing-family";
import { pretendCitus } from "@/lib/stores/postgres/testing-flavours";
import { driverOf } from "@/lib/stores/registry";
import type { FamilyScope, RowAccess } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";

const signal = () => AbortSignal.timeout(20_000);
const runs: Row = {
  schema: "public",
  name: "runs",
  type: "distributed",
  method: "heap",
  column: "id",
  colocation: "3",
  shards: "32",
  bytes: "8192000",
  table: "4096000",
};
const hot = { schema: "public", name: "runs" };
const target = { schema: "public", name: "runs_archive" };

describe("rows of the catalogue", () => {
  test("tables are what Citus says, with the bytes of all shards", () => {
    const plain = { ref: hot, kind: "table", rowCount: 0, sizeBytes: 0, columns: [], key: ["id"] };
    const shards = [
      { shard: "102008", success: "true", result: "1000" },
      { shard: "102009", success: "true", result: "24" },
    ];
    const rows = new Map([[JSON.stringify(["public", "runs"]), shards]]);
    expect(withCitusTables([plain], [runs], rows)).toEqual([
      { ...plain, kind: "distributed", rowCount: 1024, sizeBytes: 8_192_000 },
    ]);
    expect(withCitusTables([plain], [runs], new Map())[0]?.rowCount).toBeNull();
    expect(withCitusTables([plain], [{ ...runs, type: "local" }], new Map())).toEqual([plain]);
    expect(citusKind({ type: "reference", method: "heap" })).toBe("reference");
    expect(citusKind({ type: "local", method: "columnar" })).toBe("columnar");
  });

  test("rows of shards add up, save those of a reference table; one shard unknown is all unknown", () => {
    const shard = (result: string, success = "true"): Row => ({ success, result });
    expect(rowsOfShards([shard("5"), shard("7")], "distributed")).toBe(12);
    expect(rowsOfShards([shard("5"), shard("5")], "reference")).toBe(5);
    expect(rowsOfShards([shard("5"), shard("-1")], "distributed")).toBeNull();
    expect(rowsOfShards([shard("5"), shard("ERROR", "false")], "distributed")).toBeNull();
    expect(deadOfShards([shard("10 2 3"), shard("1 1 1")])).toEqual({ rows: 11, dead: 3, changed: 4 });
    expect(deadOfShards([shard("", "false")])).toEqual({});
  });

  test("nodes: bytes by each, and those that are out", () => {
    const rows = [{ label: "worker-1:5432", bytes: "100", shards: "16" }];
    expect(shardsByNode(rows).map(({ rows }) => rows)).toEqual([
      [{ label: "worker-1:5432", value: 100 }],
      [{ label: "worker-1:5432", value: 16 }],
    ]);
    expect(
      nodeLimits([
        { label: "a:1", active: "true" },
        { label: "b:1", active: "false" },
      ]),
    ).toMatchObject([{ key: "citusNodeInactive", details: { node: "b:1" } }]);
    expect(rebalanceAdvice({ shards: "0", bytes: "0" })).toEqual([]);
    expect(rebalanceAdvice({ shards: "4", bytes: "10" })[0]).toMatchObject({
      key: "citusRebalance",
      action: null,
    });
  });

  test("an archive table lies beside the hot one, or the plan says why it cannot", () => {
    expect(spreadPlan(hot, runs, target, false, undefined).ddl).toEqual([
      `SELECT create_distributed_table('"public"."runs_archive"', 'id', colocate_with => '"public"."runs"')`,
    ]);
    expect(spreadPlan(hot, { ...runs, type: "reference" }, target, false, undefined).ddl[0]).toContain(
      "create_reference_table",
    );
    const local = spreadPlan(hot, runs, target, true, undefined);
    expect(local.ddl).toHaveLength(1);
    expect(local.drift).toHaveLength(1);
    expect(spreadPlan(hot, runs, target, true, { ...runs, name: "runs_archive" })).toEqual({
      ddl: [],
      drift: [],
    });
    const apart = spreadPlan(hot, runs, target, true, { ...runs, colocation: "9" });
    expect(apart.ddl).toEqual([]);
    expect(apart.drift[0]).toContain("cannot move rows");
    expect(areColocated(runs, { ...runs, colocation: null })).toBe(false);
  });
});

storeConformance("A double of Citus, distributed tables", driverOf(postgresDriver.kind), async () => {
  const database = await makeDatabase(bundledServer());
  await pretendCitus(database);
  return {
    open: (access) => database.open(access),
    openDead: () => database.open("read", { port: 1 }),
    rows: familyFixture(database, "timestamptz", DISTRIBUTED),
    stop: () => database.drop(),
  };
});

describe("on a double of its catalogue", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await makeDatabase(bundledServer());
    await pretendCitus(database);
    await database.sql(`
      CREATE TABLE runs (id int PRIMARY KEY, at timestamptz NOT NULL, body text);
      CREATE INDEX ON runs (at, id);
      CREATE TABLE nodes (id int, run int, body text, PRIMARY KEY (id, run));
      CREATE TABLE events (id int PRIMARY KEY, at timestamptz NOT NULL);
      INSERT INTO runs SELECT n, '2025-01-01Z'::timestamptz + n * interval '1 minute', 'run ' || n FROM generate_series(1, 100) n;
      INSERT INTO nodes SELECT n, n, 'node ' || n FROM generate_series(1, 100) n;
      ANALYZE runs; ANALYZE nodes;
      SELECT create_distributed_table('runs', 'id');
      SELECT create_distributed_table('nodes', 'run', colocate_with => 'runs');
      INSERT INTO dist VALUES ('events', 'local', NULL, NULL, 'columnar')`);
  });
  afterAll(() => database.drop());

  const rowsOf = (store: Store): RowAccess => {
    if (!store.rows) throw new Error("no rows");
    return store.rows;
  };
  const scope = (name = "runs", child = false): FamilyScope => ({
    members: [
      { table: { schema: "public", name }, key: ["id"], columns: [], via: null },
      ...(child
        ? [
            {
              table: { schema: "public", name: "nodes" },
              key: ["id", "run"],
              columns: [],
              via: { member: 0, column: "run", parentColumn: "id" },
            },
          ]
        : []),
    ],
    time: { column: "at", unit: "timestamptz" },
    fromUs: null,
    untilUs: BigInt(Date.parse("2026-01-01Z")) * 1_000n,
  });
  async function exported(rows: RowAccess, member: number) {
    const options = {
      member,
      after: null,
      upTo: null,
      batchRows: 1000,
      batchBytes: 1 << 20,
      digests: true,
      versions: true,
    };
    for await (const batch of rows.read(scope("runs", true), options, signal())) {
      expect(batch.versions).toBeUndefined();
      const columns = batch.vectors.slice(0, member + 1);
      const keys = Array.from({ length: batch.rowCount }, (_, row) =>
        columns.map(({ values }) => String(values[row])),
      );
      return { member, keys, digests: batch.digests };
    }
    throw new Error("nothing was read");
  }

  test("the list, the figures and the advice know distributed tables", async () => {
    const store = database.open("read");
    const tables = await store.tables(signal());
    expect(tables.find(({ ref }) => ref.name === "runs")).toMatchObject({
      kind: "distributed",
      rowCount: 100,
    });
    expect(tables.find(({ ref }) => ref.name === "events")).toMatchObject({ kind: "columnar" });
    const stats = await store.stats(hot, null, signal());
    expect(stats).toMatchObject({ rowCount: 100, deadRows: null, toastBytes: null });
    expect(stats.figures).toEqual([
      { key: "citusShards", value: 32, unit: "count" },
      { key: "distributedBy", value: "id", unit: "text" },
    ]);
    expect(stats.advice?.[0]).toMatchObject({ key: "citusRebalance" });
    const figures = await store.figures?.(signal());
    expect(figures?.breakdowns.map(({ key }) => key)).toEqual(["bytesByNode", "shardsByNode"]);
    expect((await store.check(signal())).limits).toContainEqual(
      expect.objectContaining({ key: "citusNodeInactive" }),
    );
    const offers = await store.optimize?.offers(hot, signal());
    expect(offers?.map(({ action }) => action.kind)).toEqual(["vacuumAnalyze", "vacuum", "analyze"]);
  });

  test("a plan refuses columnar tables and families that lie apart", async () => {
    const rows = rowsOf(database.open("read"));
    expect(await rows.risks?.(scope("events"), "delete", signal())).toMatchObject([
      { severity: "stop", key: "columnarTable" },
    ]);
    expect(await rows.risks?.(scope("events"), "export", signal())).toEqual([]);
    expect(await rows.risks?.(scope("runs"), "export", signal())).toMatchObject([
      { severity: "stop", key: "citusTimeZone", details: { node: "worker-1:5432", zone: "Asia/Shanghai" } },
    ]);
    expect(await rows.risks?.(scope("runs", true), "move", signal())).toEqual([]);
    await database.sql("UPDATE dist SET colocation_id = 9 WHERE table_name = 'nodes'::regclass");
    expect(await rows.risks?.(scope("runs", true), "move", signal())).toMatchObject([
      { severity: "stop", key: "citusNotColocated" },
    ]);
    await database.sql("UPDATE dist SET colocation_id = 1 WHERE table_name = 'nodes'::regclass");
  });

  test("an archive table is made and distributed in one go", async () => {
    const rows = rowsOf(database.open("write"));
    const [member] = scope().members;
    if (!member) throw new Error("no member");
    const plan = await rows.archiveTable?.(member, target, signal());
    await rows.execute?.(plan?.ddl ?? [], signal());
    expect(await rows.archiveTable?.(member, target, signal())).toEqual({ exists: true, ddl: [], drift: [] });
    expect(
      await database.sql("SELECT colocation_id::text FROM dist WHERE table_name = 'runs_archive'::regclass"),
    ).toEqual([{ colocation_id: "1" }]);
  });

  test("rows are deleted by key and digest, without row locks; what changed stays with all that hangs on it", async () => {
    const rows = rowsOf(database.open("write"));
    const parts = [await exported(rows, 0), await exported(rows, 1)];
    await database.sql(
      "UPDATE nodes SET body = 'changed' WHERE id = 7; UPDATE runs SET body = 'changed' WHERE id = 9",
    );
    const result = await rows.deleteRows?.(scope("runs", true), parts, signal());
    expect(result?.deleted.map(({ rowCount }) => rowCount)).toEqual([98n, 98n]);
    expect(await database.sql("SELECT id::text FROM runs ORDER BY at")).toEqual([{ id: "7" }, { id: "9" }]);
    expect(await database.sql("SELECT count(*)::text AS n FROM nodes")).toEqual([{ n: "2" }]);
  });
});
