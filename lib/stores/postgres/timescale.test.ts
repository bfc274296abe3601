import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Row } from "@/lib/stores/postgres/client";
import { flavourFrom } from "@/lib/stores/postgres/flavour";
import { compressedRisks } from "@/lib/stores/postgres/risks";
import { bundledServer, makeDatabase, type TestDatabase } from "@/lib/stores/postgres/testing";
import { pretendHypertable, pretendTimescale } from "@/lib/stores/postgres/testing-flavours";
import {
  compressionAdvice,
  compressionFigures,
  jobLimits,
  wholeChunks,
  withHypertables,
} from "@/lib/stores/postgres/timescale";
import type { FamilyScope, RowAccess } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import type { TableSummary } from "@/lib/stores/table";

const signal = () => AbortSignal.timeout(20_000);
const us = (text: string): string => String(BigInt(Date.parse(text)) * 1_000n);
const summary = (schema: string, name: string, sizeBytes = 0): TableSummary => ({
  ref: { schema, name },
  kind: "table",
  rowCount: 0,
  sizeBytes,
  columns: [],
  key: null,
});
const chunk = (day: number, compressed = "false"): Row => ({
  schema: "_timescaledb_internal",
  name: `_hyper_1_${day}_chunk`,
  compressed,
  start: us(`2025-01-0${day}T00:00:00Z`),
  end: us(`2025-01-0${day + 1}T00:00:00Z`),
  numbered: "false",
});
const metrics = { schema: "public", name: "metrics" };
const table: Row = { ...metrics, chunks: "4", compression: "true", rows: "1000", total: "9000" };
const timescale = { at: '"public".', version: "2.28.0", license: "timescale" };

describe("rows of the catalogue", () => {
  test("an extension makes the flavour, and its license what it can", () => {
    expect(flavourFrom([])).toEqual({ timescale: null, citus: null });
    const rows = [{ name: "timescaledb", version: "2.28.0", schema: "ts ext", license: "apache" }];
    expect(flavourFrom(rows).timescale).toEqual({ at: '"ts ext".', version: "2.28.0", license: "apache" });
  });

  test("a hypertable has the size of its chunks, which are no tables", () => {
    const listed = [
      summary("public", "small", 10),
      summary("public", "metrics"),
      summary("other", "_hyper_1_1_chunk", 5),
    ];
    expect(withHypertables(listed, [table], [{ schema: "other", name: "_hyper_1_1_chunk" }])).toEqual([
      { ...summary("public", "metrics", 9000), kind: "hypertable", rowCount: 1000 },
      summary("public", "small", 10),
    ]);
  });

  test("whole chunks lie inside the scope, half-open", () => {
    const slices = wholeChunks([chunk(1), chunk(2), chunk(3)], {
      fromUs: BigInt(us("2025-01-02T00:00:00Z")),
      untilUs: BigInt(us("2025-01-03T00:00:00Z")),
    });
    expect(slices.map(({ ref }) => ref.name)).toEqual(["_hyper_1_2_chunk"]);
    expect(wholeChunks([{ ...chunk(1), numbered: "true" }], { fromUs: null, untilUs: 1n << 60n })).toEqual(
      [],
    );
  });

  test("a retention policy is a warning, compression is not", () => {
    const jobs = [
      {
        id: "1000",
        proc: "policy_retention",
        ...metrics,
        config: '{"drop_after": "30 days", "hypertable_id": 1}',
      },
      { id: "1001", proc: "policy_compression", ...metrics, config: '{"compress_after": "7 days"}' },
      { id: "1002", proc: "policy_refresh_continuous_aggregate", ...metrics, config: "{}" },
    ];
    expect(jobLimits(jobs).map(({ key, severity, details }) => [key, severity, details.after])).toEqual([
      ["retentionPolicy", "warning", "30 days"],
      ["compressionPolicy", "info", "7 days"],
    ]);
  });

  test("compressing is advised where it pays and may be done", () => {
    const chunks = [chunk(1, "true"), chunk(2), chunk(3), chunk(4)];
    const advise = (more: { license?: string; table?: Row; stats?: Row }) =>
      compressionAdvice(
        metrics,
        { ...timescale, ...(more.license && { license: more.license }) },
        more.table ?? table,
        more.stats,
        chunks,
      )[0];
    expect(advise({})).toMatchObject({
      key: "compressChunks",
      details: { chunks: 2 },
      action: { kind: "compressChunk", index: "_timescaledb_internal._hyper_1_2_chunk" },
    });
    expect(advise({ license: "apache" })).toMatchObject({ key: "compressionLicense", action: null });
    expect(advise({ table: { ...table, compression: "false" } })).toMatchObject({ key: "compressionOff" });
    expect(advise({ stats: { before: "100", after: "90" } })).toMatchObject({
      key: "poorCompression",
      worth: "no",
    });
    expect(
      compressionFigures(table, { before: "100", after: "20", compressed: "1" }).map(({ key }) => key),
    ).toEqual(["timescaleChunks", "compressedChunks", "beforeCompression", "afterCompression"]);
  });

  test("compressed chunks in reach are told", () => {
    const scope = { fromUs: null, untilUs: BigInt(us("2025-01-02T00:00:00Z")) };
    expect(
      compressedRisks("public.metrics", scope, [chunk(1, "true"), chunk(2, "true"), chunk(3)]),
    ).toMatchObject([{ severity: "warn", key: "compressedChunks", details: { chunks: 1 } }]);
    expect(compressedRisks("public.metrics", scope, [chunk(1)])).toEqual([]);
  });
});

describe("on a double of its catalogue", () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await makeDatabase(bundledServer());
    await pretendTimescale(database);
    await pretendHypertable(database, metrics, 4, 50);
    await database.sql(
      `INSERT INTO _timescaledb_internal.job VALUES (1, 'Retention', '1 day', 'policy_retention', 'public', 'metrics', '{"drop_after": "1 year"}')`,
    );
  });
  afterAll(() => database.drop());

  const rowsOf = (store: Store): RowAccess => {
    if (!store.rows) throw new Error("no rows");
    return store.rows;
  };
  const scope = (until: string): FamilyScope => ({
    members: [{ table: metrics, key: ["id", "at"], columns: [], via: null }],
    time: { column: "at", unit: "timestamptz" },
    fromUs: null,
    untilUs: BigInt(us(until)),
  });
  async function exported(rows: RowAccess, until: string) {
    const options = {
      member: 0,
      after: null,
      upTo: null,
      batchRows: 1000,
      batchBytes: 1 << 20,
      digests: true,
    };
    for await (const batch of rows.read(scope(until), options, signal())) {
      const [id, at] = batch.vectors;
      const keys = Array.from({ length: batch.rowCount }, (_, row) => [
        String(id?.values[row]),
        new Date(Number(BigInt(String(at?.values[row])) / 1_000n)).toISOString(),
      ]);
      return { member: 0, keys, digests: batch.digests };
    }
    throw new Error("nothing was read");
  }
  const chunks = async () =>
    (await database.sql("SELECT chunk_name AS name FROM _timescaledb_internal.cut ORDER BY range_start")).map(
      ({ name }) => name,
    );

  test("the list, the figures and the check know hypertables", async () => {
    const store = database.open("read");
    const [first] = await store.tables(signal());
    expect(first).toMatchObject({ ref: metrics, kind: "hypertable", rowCount: 200 });
    expect(first?.sizeBytes).toBeGreaterThan(10_000);
    const stats = await store.stats(metrics, { column: "at", unit: "timestamptz" }, signal());
    expect(stats).toMatchObject({ rowCount: 200, oldestAt: "2025-01-01T00:01:00Z" });
    expect(stats.totalBytes).toBe(first?.sizeBytes);
    expect(stats.notes.join()).toContain("retention policy");
    expect(stats.advice?.[0]).toMatchObject({ key: "compressChunks" });
    const health = await store.check(signal());
    expect(health.limits).toContainEqual(
      expect.objectContaining({ key: "retentionPolicy", severity: "warning" }),
    );
    expect(health.facts.timescaledb).toBe("2.28.0 (timescale)");
    const figures = await store.figures?.(signal());
    expect(figures?.breakdowns[0]).toMatchObject({
      key: "bytesByAggregate",
      rows: [{ label: "public.by_day" }],
    });
    expect(await rowsOf(store).partitions?.(scope("2025-01-03T00:00:00Z"), signal())).toMatchObject([
      { ref: { name: "_hyper_1_0_chunk" } },
      { ref: { name: "_hyper_1_1_chunk" } },
    ]);
    const risks = await rowsOf(store).risks?.(scope("2025-01-03T00:00:00Z"), "delete", signal());
    expect(risks?.map(({ key }) => key)).toEqual(["retentionPolicy"]);
  });

  test("a chunk is compressed by the newer procedure, and only one of this table's", async () => {
    const store = database.open("write");
    const offers = await store.optimize?.offers(metrics, signal());
    const compress = offers?.filter(({ action }) => action.kind === "compressChunk") ?? [];
    expect(compress).toHaveLength(3);
    const action = compress[2]?.action ?? { kind: "" };
    expect(compress[2]?.plan.statements[0]).toContain("convert_to_columnstore");
    for await (const _ of store.optimize?.run(metrics, action, signal()) ?? []);
    expect(
      await database.sql("SELECT chunk_name AS name FROM _timescaledb_internal.cut WHERE is_compressed"),
    ).toEqual([{ name: "_hyper_1_2_chunk" }]);
    const other = { kind: "compressChunk", index: "public.x'; DROP TABLE" };
    const run = async () => {
      for await (const _ of store.optimize?.run(metrics, other, signal()) ?? []);
    };
    await expect(run()).rejects.toMatchObject({ code: "not_found" });
  });

  test("a chunk of which every row was exported is dropped; one with a row more, or a changed one, is not", async () => {
    const rows = rowsOf(database.open("write"));
    const part = await exported(rows, "2025-01-04T00:00:00Z");
    expect(part.keys).toHaveLength(150);
    await database.sql(`
      INSERT INTO _timescaledb_internal._hyper_1_1_chunk VALUES (9999, '2025-01-02 12:00Z', 'late');
      UPDATE _timescaledb_internal._hyper_1_2_chunk SET body = 'changed' WHERE id = 2007`);
    const result = await rows.deleteRows?.(scope("2025-01-04T00:00:00Z"), [part], signal());
    expect(result?.deleted[0]?.rowCount).toBe(149n);
    expect(result?.kept).toMatchObject([{ member: 0, reason: "changed" }]);
    expect(await chunks()).toEqual(["_hyper_1_1_chunk", "_hyper_1_2_chunk", "_hyper_1_3_chunk"]);
    expect(await database.sql("SELECT id::text FROM metrics WHERE at < '2025-01-04Z' ORDER BY at")).toEqual([
      { id: "9999" },
      { id: "2007" },
    ]);
  });

  test("a call that is not ours any more drops nothing; a chunk that somebody reads is left to row deletes", async () => {
    const rows = rowsOf(database.open("write"));
    const part = await exported(rows, "2025-01-05T00:00:00Z");
    const refuse = () => Promise.reject(new Error("not ours any more"));
    await expect(rows.deleteRows?.(scope("2025-01-05T00:00:00Z"), [part], signal(), refuse)).rejects.toThrow(
      "not ours",
    );
    expect(await chunks()).toHaveLength(3);
    const reader = new pg.Client({ ...database.config, ssl: false });
    await reader.connect();
    await reader.query("BEGIN; SELECT FROM _timescaledb_internal._hyper_1_3_chunk LIMIT 1");
    const result = await rows.deleteRows?.(scope("2025-01-05T00:00:00Z"), [part], signal());
    await reader.end();
    expect(result).toMatchObject({ deleted: [{ rowCount: 52n }], kept: [] });
    expect(await chunks()).toEqual(["_hyper_1_3_chunk"]);
    expect(await database.sql("SELECT FROM metrics")).toEqual([]);
  });

  test("what the catalogue does not answer is a note, not an error", async () => {
    await database.sql("DROP VIEW timescaledb_information.jobs, timescaledb_information.hypertables CASCADE");
    const store = database.open("read");
    expect((await store.check(signal())).limits.map(({ key }) => key)).toContain("flavourSilent");
    expect((await store.tables(signal())).map(({ ref, kind }) => `${ref.name} ${kind}`)).toContain(
      "metrics table",
    );
    expect((await store.figures?.(signal()))?.notes.map(({ key }) => key)).toContain("flavourSilent");
  });
});
