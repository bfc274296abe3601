import { createHash } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Batch } from "@/lib/stores/batch";
import {
  bundledServer,
  makeDatabase,
  OTHER_MAJORS,
  onOtherServers,
  type TestDatabase,
  type TestServer,
} from "@/lib/stores/postgres/testing";
import type { FamilyMember, FamilyScope } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import { vectorText } from "@/lib/stores/text-form";

/** Column → type and the texts it is tried with, besides those fast-check finds. */
const TYPES: Record<string, { type: string; values: string[]; more?: fc.Arbitrary<string> }> = {
  c_bool: { type: "boolean", values: ["true", "false"] },
  c_int2: { type: "smallint", values: ["-32768", "32767", "0"] },
  c_int4: { type: "integer", values: ["-2147483648", "2147483647"], more: fc.integer().map(String) },
  c_int8: {
    type: "bigint",
    values: ["-9223372036854775808", "9223372036854775807"],
    more: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  },
  c_numeric: {
    type: "numeric",
    values: ["NaN", "Infinity", "-Infinity", "0.000", "-1.50", `1${"0".repeat(60)}.25`],
  },
  c_numeric38: {
    type: "numeric(38,10)",
    values: ["1234567890123456789012345678.0123456789", "-0.0000000001"],
  },
  c_money: { type: "money", values: ["$1,234.56", "-$0.01"] },
  c_float4: {
    type: "real",
    values: ["NaN", "Infinity", "-0", "1e-40", "3.4028235e+38", "0.1"],
    more: fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
  },
  c_float8: {
    type: "double precision",
    values: ["NaN", "-Infinity", "-0", "5e-324", "1e15", "123456789012345.67", "1e-5", "0.0001", "1e21"],
    more: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  },
  c_text: {
    type: "text",
    values: ["", "NULL", "null", "\\N", "归档 \u{1f600}", "a\nb\tc\r", "'\"\\", "\u0001\ufffe", "{a,b}"],
    more: fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\0", "")),
  },
  c_varchar: { type: "varchar(20)", values: ["", "abc  ", "中文"] },
  c_char: { type: "character(6)", values: ["a", "", "中 文"] },
  c_bpchar: { type: "bpchar", values: ["a  ", "b"] },
  c_onechar: { type: '"char"', values: ["x", ""] },
  c_name: { type: "name", values: ["Name", "x"] },
  c_bytea: {
    type: "bytea",
    values: ["\\x", "\\x00ff5c27"],
    more: fc.uint8Array({ maxLength: 60 }).map((bytes) => `\\x${Buffer.from(bytes).toString("hex")}`),
  },
  c_date: {
    type: "date",
    values: [
      "infinity",
      "-infinity",
      "4713-01-01 BC",
      "0001-01-01",
      "9999-12-31",
      "10000-01-01",
      "5874897-12-31",
    ],
  },
  c_time: { type: "time", values: ["00:00:00", "24:00:00", "12:34:56.789012"] },
  c_timetz: { type: "timetz", values: ["12:34:56.7+05:30", "00:00:00-12"] },
  c_timestamp: {
    type: "timestamp",
    values: [
      "infinity",
      "-infinity",
      "0044-03-15 12:00:00.000001 BC",
      "4713-01-01 00:00:00 BC",
      "294276-12-31 23:59:59.999999",
      "1969-12-31 23:59:59.999999",
      "9999-12-31 23:59:59.999999",
      "0001-01-01 00:00:00",
      "2024-02-29 00:00:00.1",
    ],
    more: fc
      .bigInt({ min: -62_000_000_000_000_000n, max: 250_000_000_000_000_000n })
      .map((us) => new Date(Number(us / 1000n)).toISOString().replace("Z", "")),
  },
  c_timestamptz: {
    type: "timestamptz",
    values: [
      "infinity",
      "0044-03-15 12:00:00+00 BC",
      "2024-06-01 00:00:00.123456+02",
      "294276-01-01 00:00:00+00",
    ],
  },
  c_timestamp0: { type: "timestamp(0)", values: ["2024-01-01 00:00:00"] },
  c_interval: { type: "interval", values: ["1 year 2 mons -3 days +04:05:06.789", "-1 days", "00:00:00"] },
  c_uuid: { type: "uuid", values: [], more: fc.uuid() },
  c_json: {
    type: "json",
    values: ['{"a" :  1,"a":2}', "null", '"\\ud800"', "12345678901234567890123", "[1, 2 ]"],
  },
  c_jsonb: { type: "jsonb", values: ['{"b": 1, "a": 12345678901234567890.10}', "[]", '"\\u4e2d"'] },
  c_xml: { type: "text", values: ["<a>1</a>"] },
  c_inet: { type: "inet", values: ["192.168.0.1", "10.0.0.0/8", "::1", "fe80::1/64"] },
  c_cidr: { type: "cidr", values: ["10.0.0.0/8"] },
  c_macaddr: { type: "macaddr", values: ["08:00:2b:01:02:03"] },
  c_macaddr8: { type: "macaddr8", values: ["08:00:2b:01:02:03:04:05"] },
  c_bit: { type: "bit(5)", values: ["10101"] },
  c_varbit: { type: "bit varying", values: ["", "1", "0101010101"] },
  c_tsvector: { type: "tsvector", values: ["'a':1A 'b':2,3B", ""] },
  c_tsquery: { type: "tsquery", values: ["'a' & !'b':*A"] },
  c_point: { type: "point", values: ["(1.5,-2)", "(1e+300,0.1)"] },
  c_box: { type: "box", values: ["(1,1),(0,0)"] },
  c_path: { type: "path", values: ["[(0,0),(1,1)]", "((0,0),(1,1),(2,0))"] },
  c_circle: { type: "circle", values: ["<(0,0),2.5>"] },
  c_ints: { type: "integer[]", values: ["{}", "{1,NULL,-3}", "{{1,2},{3,4}}", "[0:1]={5,6}"] },
  c_texts: { type: "text[]", values: ['{"a,b","NULL",NULL,"","\\"q\\"","\\\\"}'] },
  c_floats: { type: "real[]", values: ["{0.1,NaN,-0}"] },
  c_stamps: { type: "timestamptz[]", values: ['{"2024-01-01 00:00:00+00",infinity}'] },
  c_byteas: { type: "bytea[]", values: ['{"\\\\x00ff"}'] },
  c_int4range: { type: "int4range", values: ["[1,5)", "empty", "(,)"] },
  c_numrange: { type: "numrange", values: ["(1.10,2.20]"] },
  c_tsrange: { type: "tsrange", values: ['["2024-01-01 00:00:00",infinity)'] },
  c_multirange: { type: "int4multirange", values: ["{[1,3),[5,9)}", "{}"] },
  c_enum: { type: "mood", values: ["好", "so so"] },
  c_domain: { type: "positive", values: ["1", "2147483647"] },
  c_textdomain: { type: "short_text", values: ["ab", ""] },
  c_composite: { type: "pair", values: ['(1,"a,b")', "(,)", '(2,"")'] },
  c_oid: { type: "oid", values: ["4294967295"] },
  c_lsn: { type: "pg_lsn", values: ["16/B374D848"] },
  c_jsonpath: { type: "jsonpath", values: ['$."a"[*]?(@ > 1)'] },
};

const DDL = `
  CREATE TYPE mood AS ENUM ('好', 'so so');
  CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
  CREATE DOMAIN short_text AS varchar(5) NOT NULL DEFAULT '';
  CREATE TYPE pair AS (n integer, t text)`;

const columns = Object.entries(TYPES);
const signal = () => AbortSignal.timeout(20_000);
const scopeOf = (name: string): FamilyScope => ({
  members: [memberOf(name)],
  time: { column: "at", unit: "timestamptz" },
  fromUs: null,
  untilUs: null,
});
const memberOf = (name: string): FamilyMember => ({
  table: { schema: "public", name },
  key: ["id"],
  columns: [],
  via: null,
});

/** A row: for each column a text, or null. */
const rowArbitrary = fc.tuple(
  ...columns.map(([name, { values, more }]) => {
    const known = values.length > 0 ? [fc.constantFrom(...values)] : [];
    const nothing = name === "c_textdomain" ? [] : [fc.constant(null)];
    return fc.oneof(...known, ...(more ? [more] : []), ...nothing);
  }),
);

function suite(name: string, start: () => Promise<TestServer>): void {
  describe(name, () => {
    let server: TestServer;
    let database: TestDatabase;
    let store: Store;
    beforeAll(async () => {
      server = await start();
      database = await makeDatabase(server);
      await database.sql(DDL);
      const body = columns.map(([column, { type }]) => `${column} ${type}`).join(", ");
      for (const table of ["source", "target"]) {
        await database.sql(
          `CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), ${body}, twice bigint GENERATED ALWAYS AS (id * 2) STORED)`,
        );
      }
      store = database.open();
    }, 120_000);
    afterAll(async () => {
      await database?.drop();
      server?.stop();
    });

    const insert = async (row: readonly (string | null)[]) => {
      const values = columns.map(([, { type }], at) => `$${at + 1}::text::${type}`);
      await database.sql(
        `INSERT INTO source (${columns.map(([column]) => column).join(", ")}) VALUES (${values.join(", ")})`,
        [...row],
      );
    };
    /** Both tables as text, by the server itself. */
    const texts = async (table: string) =>
      database.sql(
        `SELECT id::text, at::text, twice::text, ${columns.map(([column]) => `textin(${outOf(column)}) AS ${column}`).join(", ")} FROM ${table} ORDER BY id`,
      );
    // format() uses the type's own output function, as pg_dump does.
    const outOf = (column: string) => `format('%s', ${column})::cstring`;

    const copy = async (): Promise<Batch[]> => {
      const batches: Batch[] = [];
      const options = {
        member: 0,
        after: null,
        upTo: null,
        batchRows: 3,
        batchBytes: 1 << 20,
        digests: true,
      };
      for await (const batch of store.rows?.read(scopeOf("source"), options, signal()) ?? []) {
        batches.push(batch);
        const result = await store.rows?.write(memberOf("target"), batch, signal());
        expect(result?.conflicts).toEqual([]);
      }
      return batches;
    };

    const roundTrip = async (rows: readonly (readonly (string | null)[])[]) => {
      await database.sql("TRUNCATE source, target");
      for (const row of rows) await insert(row);
      const batches = await copy();
      expect(await texts("target")).toEqual(await texts("source"));
      const [source] = (await store.rows?.count(scopeOf("source"), signal())) ?? [];
      expect((await store.rows?.count(scopeOf("target"), signal()))?.[0]).toEqual(source);
      return batches;
    };

    test("every value that is listed goes round", async () => {
      const longest = Math.max(...columns.map(([, { values }]) => values.length));
      const rows = Array.from({ length: longest }, (_, at) =>
        columns.map(([, { values }]) => values[at % Math.max(1, values.length)] ?? null),
      );
      for (const batch of await roundTrip(rows)) {
        // The digest can be computed from the batch alone: it holds the exact text of everything.
        for (let row = 0; row < batch.rowCount; row++) {
          const hash = createHash("md5");
          for (const vector of batch.vectors) {
            const text = vectorText(vector, row);
            hash.update(text === null ? ":" : `${Buffer.byteLength(text)}:${text}`);
          }
          expect(hash.digest("hex")).toBe(Buffer.from(batch.digests[row] ?? []).toString("hex"));
        }
      }
    });

    test("whatever fast-check finds goes round", async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(rowArbitrary, { minLength: 1, maxLength: 8 }), async (rows) => {
          await roundTrip(rows);
        }),
        { numRuns: 25, interruptAfterTimeLimit: 20_000 },
      );
    }, 60_000);
  });
}

suite("PostgreSQL 18", async () => bundledServer());
onOtherServers(OTHER_MAJORS, suite);
