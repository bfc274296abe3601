import fc from "fast-check";
import pg from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type TestDatabase, testDatabase } from "@/lib/control/testing";
import { commitSegment } from "@/lib/segments/commit";
import { bytes, column, openScratch, type Scratch, vector, writerOptions } from "@/lib/segments/fixture";
import { createSegmentWriter } from "@/lib/segments/writer";
import type { Value, Vector } from "@/lib/stores/batch";
import { vectorText } from "@/lib/stores/text-form";

/** PostgreSQL is the judge: its text forms and digests against ours, in JavaScript and in DuckDB. */

const signal = AbortSignal.timeout(120_000);
let database: TestDatabase;
let client: pg.Client;
let scratch: Scratch;

beforeAll(async () => {
  database = await testDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(
    "SET TimeZone = 'UTC'; SET DateStyle = 'ISO'; SET extra_float_digits = 1; SET bytea_output = 'hex'",
  );
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});
beforeEach(async () => {
  scratch = await openScratch();
});
afterEach(() => scratch.remove());

const US_YEAR_1 = -62_135_596_800_000_000n;
const US_YEAR_290000 = 9_089_000_000_000_000_000n;

const edgeFloats = [
  ...[
    0,
    -0,
    1,
    -1,
    0.1,
    1e-4,
    9.999e-5,
    1e-5,
    123456.789,
    5e-324,
    1.7976931348623157e308,
    NaN,
    Infinity,
    -Infinity,
  ],
  ...[
    1e14, 999999999999999, 1e15, 1000000000000000.5, -1125899906842624.2, 1234567890123456, 9999999999999998,
    1e16,
  ],
  ...[1e17, 9007199254740992, 1e21, 1.5e300, 123456789012345680, 4.0449053664949043e17],
];

interface Kind {
  shape: Vector["physical"];
  /** PostgreSQL's type, and how a parameter becomes a value of it. */
  cast: string;
  values: fc.Arbitrary<Value>;
  param(value: Exclude<Value, null>): string;
}

const usParam = (value: Exclude<Value, null>) => String(value);
const sql = {
  timestamp: // Whole days apart: a product with an interval is computed in float8.
    "(timestamp 'epoch' + (($1::text)::int8 / 86400000000) * interval '1 day' + (($1::text)::int8 % 86400000000) * interval '1 microsecond')",
};
const times = fc.oneof(
  fc.bigInt(US_YEAR_1, 253_402_300_799_999_999n),
  fc.bigInt(1_700_000_000_000_000n, 1_800_000_000_000_000n),
  fc.bigInt(1_700_000_000n, 1_800_000_000n).map((seconds) => seconds * 1_000_000n),
  fc.bigInt(1_700_000_000_000n, 1_800_000_000_000n).map((ms) => ms * 1000n),
  fc.constantFrom(0n, -1n, 1n, US_YEAR_1, US_YEAR_290000, 253_402_300_800_000_000n),
);

const KINDS: Kind[] = [
  {
    shape: "float64",
    cast: "($1::text)::float8",
    values: fc.oneof(
      fc.double(),
      fc.float(),
      fc.double({ min: 1e14, max: 1e30 }),
      fc.constantFrom(...edgeFloats),
    ),
    param: (value) => (Object.is(value, -0) ? "-0" : String(value)),
  },
  {
    shape: "int64",
    cast: "($1::text)::int8",
    values: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
    param: String,
  },
  { shape: "bool", cast: "($1::text)::bool", values: fc.boolean(), param: String },
  { shape: "timestamp", cast: sql.timestamp, values: times, param: usParam },
  { shape: "timestamptz", cast: `${sql.timestamp} AT TIME ZONE 'UTC'`, values: times, param: usParam },
  {
    shape: "date",
    cast: "(date '1970-01-01' + ($1::text)::int)",
    values: fc.bigInt(-719_162n, 2_145_031_948n),
    param: String,
  },
  {
    shape: "bytes",
    cast: "decode($1::text, 'hex')",
    values: fc.uint8Array({ maxLength: 40 }),
    param: (value) => Buffer.from(value as Uint8Array).toString("hex"),
  },
  {
    shape: "text",
    cast: "$1::text",
    values: fc
      .string({ unit: "binary", maxLength: 60 })
      .map((text) => bytes(text.replaceAll("\0", "").toWellFormed())),
    param: (value) => Buffer.from(value as Uint8Array).toString("utf8"),
  },
];

test("DuckDB and JavaScript print every type as PostgreSQL does", async () => {
  const rows = fc.sample(fc.tuple(...KINDS.map(({ values }) => fc.option(values, { freq: 12 }))), {
    numRuns: 4_000,
    seed: 20_261_121,
  });
  const shapes = KINDS.map(({ shape }) => column(shape, shape));
  const vectors = shapes.map((shape, index) =>
    vector(
      shape,
      rows.map((row) => row[index] ?? null),
    ),
  );
  const forms: (string | null)[][] = [];
  for (const [index, kind] of KINDS.entries())
    forms.push(
      await postgresTexts(
        kind,
        rows.map((row) => row[index] ?? null),
      ),
    );
  for (const [index, texts] of forms.entries())
    for (const [row, text] of texts.entries())
      expect(vectorText(vectors[index] as Vector, row), `${KINDS[index]?.shape} row ${row}`).toBe(text);
  const digests = await postgresDigests(forms);
  const writer = await createSegmentWriter(
    writerOptions(scratch.scratchDir, { columns: shapes, keyColumns: ["int64"], time: null }),
  );
  await writer.append({ rowCount: rows.length, vectors, digests, sizeBytes: 0, end: [] });
  const { proved } = await commitSegment(scratch.objects, await writer.finish(), signal);
  expect(proved.rowCount).toBe(4_000n);
});

async function postgresTexts(kind: Kind, values: Value[]): Promise<(string | null)[]> {
  const params = values.map((value) => (value === null ? null : kind.param(value)));
  const expression = kind.cast.replaceAll("$1", "p.v");
  const { rows } = await client.query<{ t: string | null }>(
    `SELECT (${expression})::text AS t FROM unnest($1::text[]) WITH ORDINALITY AS p(v, n) ORDER BY n`,
    [params],
  );
  return rows.map(({ t }) => t);
}

/** As the driver says it: md5 over length, colon and text of each column. */
async function postgresDigests(forms: (string | null)[][]): Promise<Uint8Array[]> {
  const names = forms.map((_, index) => `f${index}`);
  const { rows } = await client.query<{ d: string }>(
    `SELECT md5(concat(${names.map((name) => `octet_length(${name}), ':', ${name}`).join(", ")})) AS d
     FROM unnest(${names.map((_, index) => `$${index + 1}::text[]`).join(", ")}) WITH ORDINALITY
       AS p(${names.join(", ")}, n) ORDER BY n`,
    forms,
  );
  return rows.map(({ d }) => Buffer.from(d, "hex"));
}
