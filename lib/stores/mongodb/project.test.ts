import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { doublePayload, placeOf, stringPayload, T, writeDocument } from "@/lib/stores/mongodb/bson";
import { documentOfRow } from "@/lib/stores/mongodb/document";
import { keyOfText, keyText } from "@/lib/stores/mongodb/key-text";
import { layoutOf } from "@/lib/stores/mongodb/layout";
import { doc, nastyDocuments, nastyKeys, nastyValues } from "@/lib/stores/mongodb/nasty";
import { Projector } from "@/lib/stores/mongodb/project";
import { loadVendor, vendor } from "@/lib/stores/mongodb/vendor";
import { vectorText } from "@/lib/stores/text-form";

beforeAll(async () => {
  await loadVendor();
});

const bytesOf = (fields: Iterable<[string, unknown]>): Buffer =>
  Buffer.from(vendor().BSON.serialize(new Map(fields)));

/** Projects and makes documents again, under a layout that a sample of them gave. */
function roundTrip(documents: readonly Buffer[], sample = documents): Buffer[] {
  const projector = new Projector(layoutOf(sample, []));
  for (const one of documents) projector.add(one);
  const vectors = projector.vectors();
  return documents.map((_, row) => documentOfRow(vectors, row));
}

const same = (documents: readonly Buffer[], sample = documents) => {
  for (const [at, one] of roundTrip(documents, sample).entries()) {
    const wanted = documents[at] ?? Buffer.alloc(0);
    expect(one.equals(wanted), `${wanted.toString("latin1")} → ${one.toString("latin1")}`).toBe(true);
  }
};

describe("documents become rows and documents again, byte for byte", () => {
  test("values of every type, in columns of every type", () => {
    const documents = nastyValues().map((value) =>
      bytesOf([
        ["_id", "k"],
        ["v", value],
      ]),
    );
    for (const one of documents) same(documents, [one]);
  });

  test("documents of every shape", () => {
    const documents = nastyDocuments().map((fields) => bytesOf([["_id", "k"], ...fields]));
    same(documents);
    for (const one of documents) same(documents, [one]);
  });

  test("what neither columns nor Extended JSON can say", () => {
    const text = (bytes: number[]) => stringPayload(Buffer.from(bytes));
    const id = { name: "_id", type: T.string, payload: text([107]) };
    const nan = doublePayload(Number.NaN);
    nan[0] = 1;
    const documents = [
      writeDocument([id, { name: "v", type: T.string, payload: text([0xff, 0xfe]) }]),
      writeDocument([
        id,
        { name: "v", type: T.string, payload: text([97]) },
        { name: "v", type: T.string, payload: text([98]) },
      ]),
      writeDocument([id, { name: "v", type: T.double, payload: nan }]),
      writeDocument([id, { name: "v", type: T.undefined, payload: Buffer.alloc(0) }]),
      writeDocument([id, { name: "v", type: T.bool, payload: Buffer.from([2]) }]),
      writeDocument([{ name: "_id", type: T.string, payload: text([0xff]) }]),
      writeDocument([
        id,
        {
          name: "w",
          type: T.object,
          payload: writeDocument([{ name: "$numberInt", type: T.string, payload: text([53]) }]),
        },
      ]),
      writeDocument([
        id,
        {
          name: "w",
          type: T.array,
          payload: writeDocument([{ name: "x", type: T.null, payload: Buffer.alloc(0) }]),
        },
      ]),
    ];
    same(documents);
    for (const one of documents) same(documents, [one]);
  });

  test("one text stands for one key", () => {
    const keys = [...nastyKeys(), ...nastyValues().filter((value) => !Array.isArray(value))];
    const texts = new Map<string, string>();
    for (const key of keys) {
      const document = bytesOf([["_id", key]]);
      const place = placeOf(document, "_id");
      if (!place) throw new Error("no key");
      const text = keyText(place);
      const again = writeDocument([{ name: "_id", ...keyOfText(text) }]);
      expect(again.equals(document), text).toBe(true);
      expect(texts.get(text) ?? document.toString("hex")).toBe(document.toString("hex"));
      texts.set(text, document.toString("hex"));
    }
  });

  test("plain documents leave nothing in _extra", () => {
    const { Int32 } = vendor();
    const documents = [1, 2].map((n) =>
      bytesOf([
        ["_id", `k${n}`],
        ["n", new Int32(n)],
        ["at", new Date(n)],
        ["o", doc(["a", "b"])],
      ]),
    );
    const projector = new Projector(layoutOf(documents, []));
    for (const one of documents) projector.add(one);
    const vectors = projector.vectors();
    expect(vectors.map(({ name, physical, sourceType }) => [name, physical, sourceType])).toEqual([
      ["_id", "text", "any"],
      ["n", "int64", "int"],
      ["at", "timestamptz", "timestamptz"],
      ["o", "text", "object"],
      ["_extra", "text", "ejson"],
    ]);
    expect(vectors.map((vector) => vectorText(vector, 1))).toEqual([
      "k2",
      "2",
      "1970-01-01 00:00:00.002+00",
      '{"a":"b"}',
      null,
    ]);
  });

  test("any document under any layout", () => {
    const { Int32, Double, Long, Decimal128, ObjectId, Binary } = vendor();
    const leaf = fc.oneof(
      fc.integer().map((n) => new Int32(n | 0)),
      fc.double().map((n) => new Double(n)),
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((n) => Long.fromBigInt(n)),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => Decimal128.fromString(String(n))),
      fc.string({ unit: "binary" }),
      fc.boolean(),
      fc.constant(null),
      fc.date({ noInvalidDate: true }),
      fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => new ObjectId(bytes)),
      fc.uint8Array().map((bytes) => new Binary(Buffer.from(bytes))),
    );
    const name = fc.oneof(
      fc.constantFrom("a", "b", "c", "v", "10", "2", "_extra", "$order"),
      fc.string({ maxLength: 5 }).map((text) => text.replaceAll("\0", "")),
    );
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie("value"), { maxLength: 4 }),
        fc
          .uniqueArray(fc.tuple(name, tie("value")), { maxLength: 4, selector: ([key]) => key })
          .map((fields) => new Map(fields)),
      ),
    }));
    const document = fc
      .tuple(
        value,
        fc.uniqueArray(
          fc.tuple(
            name.filter((text) => text !== "_id"),
            value,
          ),
          { maxLength: 8, selector: ([key]) => key },
        ),
      )
      .map(([id, fields]) => bytesOf([["_id", Array.isArray(id) ? "k" : id], ...fields]));
    fc.assert(
      fc.property(
        fc.array(document, { minLength: 1, maxLength: 6 }),
        fc.array(document, { maxLength: 3 }),
        (documents, sample) => same(documents, sample),
      ),
      {
        numRuns: 300,
      },
    );
  });
});
