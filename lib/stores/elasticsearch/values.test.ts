import { describe, expect, test } from "vitest";
import { documentOf, extraMembers, RowsBuilder } from "@/lib/stores/elasticsearch/document";
import { parseHits } from "@/lib/stores/elasticsearch/hits";
import { parseDate } from "@/lib/stores/elasticsearch/instant";
import { columnOfVector, columnsOf } from "@/lib/stores/elasticsearch/mapper";
import { rowDigests } from "@/lib/stores/row-digest";
import { vectorText } from "@/lib/stores/text-form";

const COLUMNS = columnsOf(
  [
    {
      properties: {
        s: { type: "keyword" },
        t: { type: "text" },
        i: { type: "long" },
        u: { type: "unsigned_long" },
        f: { type: "double" },
        b: { type: "boolean" },
        d: { type: "date" },
        ns: { type: "date_nanos" },
        e: { type: "date", format: "epoch_second" },
        o: { properties: { x: { type: "long" } } },
        odd: { type: "date", format: "dd/MM/yyyy" },
      },
    },
  ],
  false,
);

function read(source: string, routing = "") {
  const hit = `{"_index":"i","_id":"1",${routing && `"_routing":${JSON.stringify(routing)},`}"_seq_no":1,"_primary_term":1,"_source":${source},"sort":[1]}`;
  const { hits } = parseHits(Buffer.from(`{"took":1,"hits":{"total":{"value":1},"hits":[${hit}]}}`));
  const builder = new RowsBuilder(COLUMNS);
  for (const one of hits) builder.add(one);
  const vectors = builder.vectors();
  const texts = Object.fromEntries(vectors.map((vector) => [vector.name, vectorText(vector, 0)]));
  return { vectors, texts, digest: rowDigests(vectors, 1)[0] };
}

/** Field and value → text in the column, and whether `_extra` has to hold the value's own text. */
test.each([
  ["s", '"a\\u4e2d\\n"', "a中\n", false],
  ["s", '""', "", false],
  ["s", "5", "5", true],
  ["s", '["a"]', '["a"]', true],
  ["s", "null", null, true],
  ["s", '"\\ud800"', null, true],
  ["t", '"\\ud83d\\ude00\\\\"', "😀\\", false],
  ["i", "9223372036854775807", "9223372036854775807", false],
  ["i", "-9223372036854775808", "-9223372036854775808", false],
  ["i", "9223372036854775808", null, true],
  ["i", "1.0", null, true],
  ["i", '"7"', null, true],
  ["i", "-0", null, true],
  ["u", "18446744073709551615", "18446744073709551615", false],
  ["f", "0.1", "0.1", false],
  ["f", "1.0", "1", true],
  ["f", "1e400", null, true],
  ["f", "-0.0", null, true],
  ["f", "0.10000000000000000001", "0.1", true],
  ["b", "true", "true", false],
  ["b", '"true"', null, true],
  ["d", '"2025-01-31T22:00:00.123Z"', "2025-01-31 22:00:00.123+00", false],
  ["d", '"2025-01-31T22:00:00.123456"', "2025-01-31 22:00:00.123+00", true],
  ["d", "1738360800000", "2025-01-31 22:00:00+00", true],
  ["d", '"2025-02-01T06:00:00+08:00"', "2025-01-31 22:00:00+00", true],
  ["d", '"31 January"', null, true],
  ["ns", '"2025-01-31T22:00:00.123456789Z"', "2025-01-31 22:00:00.123+00", true],
  ["e", "1738360800", "2025-01-31 22:00:00+00", true],
  ["o", '{ "x" : 12345678901234567890.10 }', '{ "x" : 12345678901234567890.10 }', false],
  ["o", "[]", "[]", false],
  ["odd", '"31/01/2025"', '"31/01/2025"', false],
])("%s: %s is held as %j", (name, raw, text, extra) => {
  const { texts } = read(`{"${name}":${raw}}`);
  expect(texts[name]).toBe(text);
  expect(texts._extra).toBe(extra ? `{"${name}":${raw}}` : null);
});

describe("a document is the same after it was written back", () => {
  test.each([
    '{"s":"a","zzz":1,"i":1.0,"f":1.0,"d":"2025-01-31T22:00:00Z","o":{"b":[1,2]}}',
    '{"_extra":{"a":1},"_id_":2,"":{"x":null},"a.b":"c\\"d"}',
    '{ "t" : "x" ,\n "nested" : { "deep" : [ { } ] } }',
    "{}",
  ])("%s", (source) => {
    const first = read(source, "somewhere");
    const columns = first.vectors.map(({ name, physical, sourceType }) =>
      columnOfVector(name, physical, sourceType),
    );
    const batch = { rowCount: 1, vectors: first.vectors, digests: [], sizeBytes: 0, end: [] };
    const document = documentOf(columns, batch, 0);
    expect(document.routing).toBe("somewhere");
    expect([...extraMembers(document.source)].sort()).toEqual([...extraMembers(source)].sort());
    expect(read(document.source, "somewhere").digest).toEqual(first.digest);
  });
});

test.each([
  ["2025-01-31", Date.UTC(2025, 0, 31)],
  ["2025-01-31 22:00:00", Date.UTC(2025, 0, 31, 22)],
  ["2025-01-31T22:00", Date.UTC(2025, 0, 31, 22)],
  ["2025-01-31T22:00:00.999999999-0130", Date.UTC(2025, 0, 31, 23, 30, 0, 999)],
  ["2025-02-30T00:00:00Z", null],
  ["2025", null],
  ["", null],
])("the date %s is %s", (text, ms) => expect(parseDate(text)).toBe(ms));
