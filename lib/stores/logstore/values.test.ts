import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { commitSegment } from "@/lib/segments/commit";
import { readSegment } from "@/lib/segments/read";
import { createSegmentWriter } from "@/lib/segments/writer";
import type { Batch } from "@/lib/stores/batch";
import { folderDriver } from "@/lib/stores/folder/store";
import { identifier } from "@/lib/stores/logstore/literal";
import { type TestProject, testProject } from "@/lib/stores/logstore/testing/project";
import type { FamilyMember, FamilyScope, RowAccess } from "@/lib/stores/rows";
import { vectorText } from "@/lib/stores/text-form";

let project: TestProject;
let rows: RowAccess;
const signal = () => AbortSignal.timeout(30_000);
const folder = mkdtempSync(join(tmpdir(), "strata-logstore-values-"));

const TYPES: Record<string, [type: string, values: (string | null)[]]> = {
  long: ["bigint", ["0", "-1", "9223372036854775807", "-9223372036854775808", null]],
  double: [
    "double precision",
    [
      "0",
      "-0",
      "1.5",
      "1e+300",
      "5e-324",
      "NaN",
      "Infinity",
      "-Infinity",
      "0.1",
      "1e+15",
      "123456789012345680",
      null,
    ],
  ],
  real: ["real", ["0.1", "3.4028235e+38", "NaN", null]],
  flag: ["boolean", ["true", "false", null]],
  text: [
    "text",
    [
      "",
      null,
      "'",
      "\\",
      "\\x41",
      "a\nb\r\t",
      "数据🙂\u0001\u2028",
      "NULL",
      "\\N",
      " x ",
      '{"a": 1e400}',
      "é e\u0301",
      "x".repeat(20_000),
    ],
  ],
  document: ["json", ['{"b": 12345678901234567890, "a":1,  "a":2}', "null", '""', null]],
  documentb: ["jsonb", ['{"a": 12345678901234567890.10}', "null", null]],
  exact: ["numeric", ["0.10", "-12345678901234567890.123456789", "NaN", null]],
  created_at: [
    "text",
    [
      "2026-01-01T00:00:00",
      "2026-01-01T00:00:00.123456",
      "2026-01-01 00:00:00",
      "2026-01-01T00:00:00Z",
      "",
      "soon",
      "2026-02-30T00:00:00",
      "0001-01-01T00:00:00",
      "9999-12-31T23:59:59.999999",
      null,
    ],
  ],
  stamp: [
    "timestamp",
    [
      "2026-01-01 00:00:00",
      "2026-01-01 00:00:00.123456",
      "infinity",
      "-infinity",
      "0044-03-15 00:00:00 BC",
      "294276-12-31 23:59:59.999999",
      null,
    ],
  ],
  zoned: ["timestamptz", ["2026-01-01 00:00:00+00", "1900-01-01 00:00:00.000001+00", null]],
  day: ["date", ["2026-01-01", "0044-03-15 BC", "infinity", "9999-12-31", null]],
};
const COUNT = Math.max(...Object.values(TYPES).map(([, values]) => values.length));
const names = Object.keys(TYPES);
const valueAt = (name: string, row: number): string | null => {
  const values = TYPES[name]?.[1] ?? [];
  return values[row % values.length] ?? null;
};

const member: FamilyMember = {
  table: { schema: "public", name: '数据 "values"' },
  key: ["id"],
  columns: [],
  via: null,
};
const scope: FamilyScope = {
  members: [member],
  time: { column: "n", unit: "s" },
  fromUs: null,
  untilUs: null,
};
const create = () =>
  project.sql(
    `CREATE TABLE ${identifier(member.table.name)} (id text, n bigint, ${names.map((name) => `${name} ${TYPES[name]?.[0]}`).join(", ")}, log_version bigint)`,
  );

beforeAll(async () => {
  project = await testProject();
  const access = project.open().rows;
  if (!access) throw new Error("no rows");
  rows = access;
  await create();
  for (let row = 0; row < COUNT; row += 1) {
    const values = names.map((name) => valueAt(name, row));
    const list = names.map((name, at) => `$${at + 3}::text::${TYPES[name]?.[0]}`).join(", ");
    await project.sql(`INSERT INTO ${identifier(member.table.name)} VALUES ($1, $2, ${list}, $2)`, [
      `k'${row}\\`,
      row + 1,
      ...values,
    ]);
  }
});
afterAll(async () => {
  await project.drop();
  rmSync(folder, { recursive: true, force: true });
});

async function readAll(): Promise<Batch> {
  const options = {
    member: 0,
    after: null,
    upTo: null,
    batchRows: 1_000,
    batchBytes: 8 << 20,
    digests: true,
  };
  for await (const batch of rows.read(scope, options, signal())) return batch;
  throw new Error("no rows");
}

const textsOf = (batch: Batch, name: string) => {
  const vector = batch.vectors.find((one) => one.name === name);
  return Array.from({ length: batch.rowCount }, (_, row) => (vector ? vectorText(vector, row) : undefined));
};

test("every value arrives in the server's own text form", async () => {
  const batch = await readAll();
  const cast = names.map((name) => (name === "flag" ? `${name}::text AS ${name}` : `${name}`)).join(", ");
  const expected = await project
    .sql(`SET TimeZone = 'UTC'`)
    .then(() => project.sql(`SELECT ${cast} FROM ${identifier(member.table.name)} ORDER BY n`));
  for (const name of names.filter((one) => one !== "zoned"))
    expect(textsOf(batch, name)).toEqual(expected.map((row) => row[name]));
  expect(textsOf(batch, "zoned").slice(0, 2)).toEqual([valueAt("zoned", 0), valueAt("zoned", 1)]);
});

test("a round trip through a segment gives back the same rows", async () => {
  const batch = await readAll();
  const shape = await rows.describe(member.table, signal());
  const columns = shape.columns.map(({ name, physical, type, nullable }) => ({
    name,
    physical,
    sourceType: type,
    nullable,
  }));
  const objects = folderDriver.open(
    { path: folder },
    { access: "write", name: "t", timeoutMs: 10_000, connections: 1 },
  ).objects;
  if (!objects) throw new Error("no objects");
  const writer = await createSegmentWriter({
    segmentId: "values",
    dataset: { name: "values", store: "sls", schema: "public", table: member.table.name },
    month: "2026-01",
    columns,
    keyColumns: ["id"],
    time: { column: "created_at", unit: "timestamp" },
    window: { after: null, end: batch.end },
    operationId: "values",
    versions: { strata: "0", store: "0" },
    scratchDir: folder,
  });
  await writer.append(batch);
  const { manifest } = await commitSegment(objects, await writer.finish(), signal());
  expect(manifest.minTimeUs).not.toBeNull();
  await project.sql(`DROP TABLE ${identifier(member.table.name)}`);
  await create();
  for await (const back of readSegment(objects, manifest, {}, signal())) {
    const written = await rows.write(member, back, signal());
    expect(written.conflicts).toEqual([]);
    expect(written.inserted.rowCount).toBe(BigInt(COUNT));
  }
  const again = await readAll();
  expect(again.digests.map((digest) => Buffer.from(digest).toString("hex"))).toEqual(
    batch.digests.map((digest) => Buffer.from(digest).toString("hex")),
  );
});
