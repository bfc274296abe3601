import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Batch } from "@/lib/stores/batch";
import { makeDatabase, type TestDatabase } from "@/lib/stores/mysql/testing";
import type { FamilyMember, FamilyScope, RowAccess } from "@/lib/stores/rows";
import { testServer } from "@/lib/stores/testing/servers";
import { vectorText } from "@/lib/stores/text-form";

/** Column → type, values as SQL, and, where it says something, the text form each must have. */
const TYPES: Record<string, { type: string; values: Record<string, string> | readonly string[] }> = {
  c_tiny: { type: "tinyint", values: { "-128": "-128", "127": "127" } },
  c_bool: { type: "tinyint(1)", values: { "1": "1", "0": "0" } },
  c_small: { type: "smallint unsigned", values: { "65535": "65535" } },
  c_medium: { type: "mediumint", values: { "-8388608": "-8388608" } },
  c_int: { type: "int", values: { "-2147483648": "-2147483648" } },
  c_zerofill: { type: "int(8) unsigned zerofill", values: { "42": "42" } },
  c_big: { type: "bigint", values: { "-9223372036854775808": "-9223372036854775808" } },
  c_ubig: {
    type: "bigint unsigned",
    values: {
      "18446744073709551615": "18446744073709551615",
      "9223372036854775808": "9223372036854775808",
      "9007199254740993": "9007199254740993",
    },
  },
  c_bit1: { type: "bit(1)", values: { "b'1'": "1" } },
  c_bit: {
    type: "bit(64)",
    values: {
      "b'1000000000000000000000000000000000000000000000000000000000000001'": "9223372036854775809",
      "5": "5",
    },
  },
  c_dec: {
    type: "decimal(65,30)",
    values: {
      "12345678901234567890123456789012345.123456789012345678901234567890":
        "12345678901234567890123456789012345.123456789012345678901234567890",
      "-0.000000000000000000000000000001": "-0.000000000000000000000000000001",
    },
  },
  c_decz: { type: "decimal(10,2) unsigned zerofill", values: ["1.5"] },
  c_float: {
    type: "float",
    values: {
      "16777217": "16777216",
      "0.1": "0.10000000149011612",
      "1.17549435e-38": "1.1754943508222875e-38",
    },
  },
  c_float2: { type: "float(10,2)", values: ["123.456", "0.1"] },
  c_double: {
    type: "double",
    values: [
      "1e308",
      "-0.1",
      "123456789.123456789",
      "1e15",
      "0.30000000000000004",
      "2.2250738585072014e-308",
    ],
  },
  c_double2: { type: "double(20,4)", values: ["123456789012.3456"] },
  c_date: {
    type: "date",
    values: {
      "'0000-00-00'": "0000-00-00",
      "'2024-02-29'": "2024-02-29",
      "'9999-12-31'": "9999-12-31",
      "'2024-02-31'": "2024-02-31",
      "'2024-00-00'": "2024-00-00",
      "'1000-01-01'": "1000-01-01",
    },
  },
  c_datetime: {
    type: "datetime",
    values: {
      "'0000-00-00 00:00:00'": "0000-00-00 00:00:00",
      "'9999-12-31 23:59:59'": "9999-12-31 23:59:59",
    },
  },
  c_datetime6: {
    type: "datetime(6)",
    values: {
      "'2024-06-01 12:00:00.100000'": "2024-06-01 12:00:00.1",
      "'1969-12-31 23:59:59.999999'": "1969-12-31 23:59:59.999999",
      "'0000-00-00 00:00:00'": "0000-00-00 00:00:00",
    },
  },
  c_stamp: {
    type: "timestamp NULL",
    values: {
      "'2024-06-01 12:00:00'": "2024-06-01 12:00:00+00",
      "'0000-00-00 00:00:00'": "0000-00-00 00:00:00+00",
    },
  },
  c_stamp6: {
    type: "timestamp(6) NULL",
    values: {
      "'2038-01-19 03:14:07.999999'": "2038-01-19 03:14:07.999999+00",
      "'1970-01-01 00:00:01'": "1970-01-01 00:00:01+00",
    },
  },
  c_time: { type: "time", values: { "'838:59:59'": "838:59:59", "'-838:59:59'": "-838:59:59" } },
  c_time6: { type: "time(6)", values: { "'-00:00:00.500000'": "-00:00:00.500000" } },
  c_year: { type: "year", values: { "'0000'": "0000", "2155": "2155" } },
  c_char: { type: "char(6)", values: { "'a  '": "a", "'中 文'": "中 文" } },
  c_varchar: { type: "varchar(20)", values: { "'abc  '": "abc  ", "''": "" } },
  c_text: {
    type: "longtext",
    values: ["'归档 😀'", "'NULL'", "'a\\nb\\tc\\r\\\\ \\' \"'", "'\\0 nul'", "''"],
  },
  c_latin: { type: "text CHARACTER SET latin1", values: { "'é ÿ €'": "é ÿ €" } },
  c_utf16: { type: "varchar(20) CHARACTER SET utf16", values: { "'é😀'": "é😀" } },
  c_gbk: { type: "varchar(20) CHARACTER SET gbk", values: { "'归档\\\\'": "归档\\" } },
  c_bin_ci: { type: "varchar(20) COLLATE utf8mb4_bin", values: { "'Éé'": "Éé" } },
  c_unicode: { type: "varchar(20) COLLATE utf8mb4_unicode_ci", values: { "'ß'": "ß" } },
  c_enum: { type: "enum('好','so so','')", values: { "'好'": "好", "''": "" } },
  c_badenum: { type: "enum('a','b') NULL", values: { "'gone'": "" } },
  c_set: { type: "set('a','b','c')", values: { "'c,a'": "a,c", "''": "" } },
  c_binary: { type: "binary(4)", values: { "x'00ff'": "\\x00ff0000" } },
  c_varbinary: { type: "varbinary(20)", values: { "x'005c27'": "\\x005c27", "''": "\\x" } },
  c_blob: { type: "longblob", values: { "x'fffe00'": "\\xfffe00" } },
  c_json: {
    type: "json",
    values: ['\'{"a": 12345678901234567890, "b": [1, 2.50, null], "归": "档"}\'', "'null'"],
  },
  c_point: {
    type: "geometry",
    values: ["ST_GeomFromText('POINT(1.5 -2)', 0)", "ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')"],
  },
};

const columns = Object.entries(TYPES);
const sqlOf = (values: (typeof TYPES)[string]["values"]): string[] =>
  Array.isArray(values) ? [...values] : Object.keys(values);
const signal = () => AbortSignal.timeout(20_000);

for (const name of ["mariadb", "mysql"]) {
  const server = testServer(name);
  describe.skipIf(!server)(name, () => {
    let database: TestDatabase;
    let rows: RowAccess;
    const member = (table: string): FamilyMember => ({
      table: { schema: database.config.database, name: table },
      key: ["id"],
      columns: [],
      via: null,
    });
    const scope = (table: string): FamilyScope => ({
      members: [member(table)],
      time: { column: "at", unit: "timestamp" },
      fromUs: null,
      untilUs: null,
    });

    beforeAll(async () => {
      if (!server) return;
      database = await makeDatabase(server);
      await database.sql("SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'");
      const body = columns.map(([column, { type }]) => `${column} ${type}`).join(", ");
      for (const table of ["source", "target"]) {
        await database.sql(
          `CREATE TABLE ${table} (id int AUTO_INCREMENT PRIMARY KEY, at datetime(6) NOT NULL, ${body}, twice bigint AS (c_small * 2) STORED, upper_text varchar(60) AS (UPPER(c_varchar)) VIRTUAL)`,
        );
      }
      const longest = Math.max(...columns.map(([, { values }]) => sqlOf(values).length));
      for (let at = 0; at < longest; at++) {
        const row = columns.map(([, { values }]) => sqlOf(values)[at] ?? "NULL");
        await database.sql(
          `INSERT INTO source (id, at, ${columns.map(([column]) => column).join(", ")}) VALUES (${at}, '2025-01-0${at + 1} 10:00:00.123456', ${row.join(", ")})`,
        );
      }
      rows = database.open().rows as RowAccess;
    });
    afterAll(() => database?.drop());

    const read = async (table: string): Promise<Batch> => {
      const options = {
        member: 0,
        after: null,
        upTo: null,
        batchRows: 100,
        batchBytes: 1 << 24,
        digests: true,
      };
      for await (const batch of rows.read(scope(table), options, signal())) return batch;
      throw new Error("nothing read");
    };
    /** The table as its bytes, by the server itself: HEX of what lies there, and floats to the last digit. */
    const bytes = (table: string) =>
      database.sql(
        `SELECT id, twice, upper_text, ${columns.map(([column, { type }]) => (/^(float|double)/.test(type) ? `CONCAT(CAST(${column} AS DOUBLE)) AS ${column}` : `HEX(${column}) AS ${column}`)).join(", ")} FROM ${table} ORDER BY id`,
      );

    test("every value has the text it should have", async () => {
      const batch = await read("source");
      for (const [column, { values }] of columns) {
        const vector = batch.vectors.find((one) => one.name === column);
        if (Array.isArray(values) || !vector) continue;
        const texts = Object.values(values).map((_, row) => vectorText(vector, row));
        expect([column, texts]).toEqual([column, Object.values(values)]);
      }
    });

    test("the server's digest is the one of the batch", async () => {
      const batch = await read("source");
      for (let row = 0; row < batch.rowCount; row++) {
        const hash = createHash("md5");
        for (const vector of batch.vectors) {
          const text = vectorText(vector, row);
          hash.update(text === null ? ":" : `${Buffer.byteLength(text)}:${text}`);
        }
        expect(hash.digest("hex")).toBe(Buffer.from(batch.digests[row] ?? []).toString("hex"));
      }
    });

    test("every value that is written back is the one that was read", async () => {
      const batch = await read("source");
      const result = await rows.write(member("target"), batch, signal());
      expect(result.conflicts).toEqual([]);
      expect(await bytes("target")).toEqual(await bytes("source"));
      expect(await rows.count(scope("target"), signal())).toEqual(
        await rows.count(scope("source"), signal()),
      );
    });

    test("and so is every value that is moved to an archive table and back", async () => {
      const target = { schema: database.config.database, name: "source_archive" };
      const plan = await rows.archiveTable?.(member("source"), target, signal());
      await rows.execute?.(plan?.ddl ?? [], signal());
      expect(await rows.archiveTable?.(member("source"), target, signal())).toMatchObject({ drift: [] });
      const before = await bytes("source");
      const options = { after: null, maxRows: 100, statementTimeoutMs: 10_000, lockTimeoutMs: 1_000 };
      const moved = await rows.moveRows?.(scope("source"), [target], options, signal());
      expect(moved?.source).toEqual(moved?.target);
      expect(await bytes("source_archive")).toEqual(before);
      await rows.moveRows?.(scope("source_archive"), [member("source").table], options, signal());
      expect(await bytes("source")).toEqual(before);
    });
  });
}
