import { zstdDecompressSync } from "node:zlib";
import { parquetReadObjects } from "hyparquet";
import { asyncBufferFromFile } from "hyparquet/src/node.js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { commitSegment } from "@/lib/segments/commit";
import { inSandbox, literal } from "@/lib/segments/duckdb";
import {
  batchOf,
  bytes,
  column,
  openScratch,
  type Scratch,
  vector,
  writerOptions,
  writeSample,
} from "@/lib/segments/fixture";
import { readSegment, type SegmentBatch } from "@/lib/segments/read";
import type { Manifest } from "@/lib/segments/segment";
import { createSegmentWriter } from "@/lib/segments/writer";
import type { Vector } from "@/lib/stores/batch";

const signal = AbortSignal.timeout(300_000);
let scratch: Scratch;

beforeEach(async () => {
  scratch = await openScratch();
});
afterEach(() => scratch.remove());

const commitVectors = async (vectors: Vector[]) => {
  const columns = vectors.map(({ values, exact, ...shape }) => ({ ...shape, nullable: true }));
  const writer = await createSegmentWriter(
    writerOptions(scratch.scratchDir, { columns, keyColumns: [columns[0]?.name ?? ""], time: null }),
  );
  await writer.append(batchOf(vectors));
  return (await commitSegment(scratch.objects, await writer.finish(), signal)).manifest;
};

const readBatches = async (manifest: Manifest) => {
  const batches: SegmentBatch[] = [];
  for await (const batch of readSegment(scratch.objects, manifest, {}, signal)) batches.push(batch);
  return batches;
};

test("other tools read the files as a Hive-partitioned table with typed columns", async () => {
  for (const [index, month] of ["2026-01", "2026-02"].entries())
    await commitSegment(
      scratch.objects,
      await writeSample(scratch.scratchDir, 2_000 + index, { month, segmentId: `s${index}` }),
      signal,
    );
  const pattern = literal(`${scratch.root}/*/dataset=*/month=*/*.parquet`);
  const rows = (sql: string) =>
    inSandbox({ folders: [scratch.root] }, signal, async (connection) =>
      (await connection.runAndReadAll(sql)).getRowsJS(),
    );
  const types = await rows(
    `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet(${pattern}, hive_partitioning = true))`,
  );
  expect(Object.fromEntries(types as [string, string][])).toEqual({
    id: "VARCHAR",
    created_at: "TIMESTAMP",
    seen_at: "TIMESTAMP WITH TIME ZONE",
    day: "DATE",
    user: "VARCHAR",
    prompt: "VARCHAR",
    tokens: "BIGINT",
    price: "DOUBLE",
    stream: "BOOLEAN",
    raw: "BLOB",
    _strata_digest: "BLOB",
    _strata_exact: "VARCHAR",
    store: "VARCHAR",
    dataset: "VARCHAR",
    month: "VARCHAR",
  });
  expect(
    await rows(
      `SELECT month, count(*), sum(tokens)::BIGINT FROM read_parquet(${pattern}, hive_partitioning = true)
       WHERE dataset = 'messages' AND prompt LIKE '问题 %' GROUP BY month ORDER BY month`,
    ),
  ).toEqual([
    ["2026-01", 2_000n, 61_969_000n],
    ["2026-02", 2_001n, 62_031_000n],
  ]);
});

test("a plain Parquet reader gets strings, times and numbers", async () => {
  const { parquetPath } = await writeSample(scratch.scratchDir, 10);
  const rows = await parquetReadObjects({
    file: await asyncBufferFromFile(parquetPath),
    compressors: { ZSTD: (page) => zstdDecompressSync(page) },
  });
  expect(rows[6]).toMatchObject({
    id: "00000006",
    created_at: new Date("2026-01-01T00:00:09.000Z"),
    day: new Date("2026-01-07"),
    user: "user-6",
    tokens: 186n,
    stream: true,
  });
});

test("odd names, empty strings, nulls and single rows survive", async () => {
  const manifest = await commitVectors([
    vector(column('we"ird.name/~ 列', "text"), [bytes(""), null, bytes("a\\b'c\u{1f600}")], [[1, "exact 1"]]),
    vector(column("Name", "int64"), [null, 0n, -1n]),
    vector(column("name", "float64"), [4.0449053664949043e17, null, Number.NaN]),
    vector(column("only nulls", "text"), [null, null, null]),
  ]);
  const [batch] = await readBatches(manifest);
  expect(batch?.vectors.map(({ values }) => values)).toEqual([
    [bytes(""), null, bytes("a\\b'c\u{1f600}")].map((value) => value && new Uint8Array(value)),
    [null, 0n, -1n],
    [null, null, Number.NaN],
    [null, null, null],
  ]);
  expect(batch?.vectors.map(({ exact }) => [...exact])).toEqual([
    [[1, "exact 1"]],
    [],
    [[0, "4.0449053664949043e+17"]],
    [],
  ]);
});

test("a value of 100 MB is written, proved and read back", async () => {
  const large = Buffer.from("a line of a conversation, 对话。\n".repeat(2_900_000));
  const manifest = await commitVectors([
    vector(column("id", "int64"), [1n, 2n, 3n]),
    vector(column("body", "text"), [bytes("small"), large, null]),
    vector(column("raw", "bytes"), [null, large.subarray(0, 20_000_001), null]),
  ]);
  const batches = await readBatches(manifest);
  const bodies = batches.flatMap(({ vectors }) => vectors[1]?.values ?? []);
  expect(bodies.map((body) => (body instanceof Uint8Array ? body.byteLength : body))).toEqual([
    5,
    large.byteLength,
    null,
  ]);
  expect(Buffer.compare(bodies[1] as Uint8Array, large)).toBe(0);
}, 120_000);
