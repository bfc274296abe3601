import { vendor } from "@/lib/stores/mongodb/vendor";

type Fields = [string, unknown][];

/** A document in this order; nested documents are maps too, so that names that look like numbers stay where they are. */
export const doc = (...fields: Fields): Map<string, unknown> => new Map(fields);

/** Values that a careless reader would change, each as the field `v` of a document. For tests; the client must be loaded. */
export function nastyValues(): unknown[] {
  const lib = vendor();
  const date = (ms: number) => new Date(ms);
  return [
    new lib.Int32(1),
    new lib.Double(1),
    lib.Long.fromString("1"),
    lib.Decimal128.fromString("1"),
    lib.Decimal128.fromString("1.0"),
    lib.Decimal128.fromString("-0E+3"),
    lib.Decimal128.fromString("1E-6176"),
    lib.Decimal128.fromString("9.999999999999999999999999999999999E+6144"),
    lib.Decimal128.fromString("NaN"),
    lib.Decimal128.fromString("-Infinity"),
    new lib.Int32(0),
    new lib.Double(0),
    new lib.Double(-0),
    new lib.Double(Number.NaN),
    new lib.Double(Number.POSITIVE_INFINITY),
    new lib.Double(Number.NEGATIVE_INFINITY),
    new lib.Double(0.1),
    new lib.Double(1e15),
    new lib.Double(123456789012345680000),
    new lib.Double(5e-324),
    new lib.Double(1.7976931348623157e308),
    new lib.Double(9007199254740992),
    lib.Long.fromString("9007199254740993"),
    lib.Long.fromString("9223372036854775807"),
    lib.Long.fromString("-9223372036854775808"),
    new lib.Int32(-2147483648),
    "",
    " ",
    "NULL",
    "null",
    "1",
    "true",
    "归档 \u{1f600} a\nb\tc\r '\"\\ \u0001\uffff\ufeff",
    "a\0b",
    '{"$oid":"5f0000000000000000000000"}',
    "x".repeat(100_000),
    null,
    true,
    false,
    date(0),
    date(-1),
    date(1_767_225_600_123),
    date(-62_135_596_800_000),
    date(-62_135_596_800_001),
    date(253_402_300_799_999),
    date(253_402_300_800_000),
    date(8_640_000_000_000_000),
    date(-8_640_000_000_000_000),
    new lib.ObjectId("5f0000000000000000000001"),
    "5f0000000000000000000001",
    new lib.Binary(Buffer.from([0, 255, 1]), 0),
    new lib.Binary(Buffer.alloc(0), 0),
    new lib.Binary(Buffer.from([1, 2, 3]), 2),
    new lib.Binary(Buffer.from("0123456789abcdef0123456789abcdef", "hex"), 4),
    new lib.Binary(Buffer.from([9]), 128),
    new lib.Timestamp({ t: 4_294_967_295, i: 4_294_967_295 }),
    new lib.BSONRegExp('^a.*"/\\\\', "im"),
    new lib.MinKey(),
    new lib.MaxKey(),
    [],
    [null, [], [new lib.Int32(1), new lib.Double(1)], doc()],
    doc(),
    doc(["10", "b"], ["9", "a"], ["", "empty"], ["a.b", new lib.Int32(1)], ["__proto__", "x"]),
    doc(["b", doc(["a", doc(["c", lib.Long.fromString("1")])])], ["n", null]),
    doc(["$oid", "not one"]),
    doc(["$ref", "c"], ["$id", new lib.Int32(1)], ["$db", "d"]),
    doc(["text", "你好"], ["more", ["a", true, null, new lib.Double(-0)]]),
  ];
}

/** Whole documents whose shape is the trouble: names, order, absent and null, our own names. */
export function nastyDocuments(): Fields[] {
  const { Int32 } = vendor();
  return [
    [],
    [["v", null]],
    [
      ["z", new Int32(1)],
      ["v", "a"],
      ["a", "b"],
    ],
    [
      ["a", "b"],
      ["v", "a"],
      ["z", new Int32(1)],
    ],
    [
      ["2", "two"],
      ["1", "one"],
      ["v", "x"],
    ],
    [
      ["_extra", "mine"],
      ["v", "a"],
    ],
    [
      ["$order", "mine"],
      ["v", "a"],
    ],
    [
      ["$strataBson", "mine"],
      ["v", "a"],
    ],
    [
      ["a.b", "dotted"],
      ["$c", new Int32(1)],
      ["", "empty"],
    ],
    [
      ['q"uote', "1"],
      ["it's", "2"],
      ["数据 表", "3"],
      ["`%", "4"],
      ["a/b~c", "5"],
      ["V", "6"],
      ["v", "7"],
    ],
    [
      ["_strata_digest", "mine"],
      ["__proto__", "x"],
      ["constructor", "y"],
    ],
  ];
}

/** Keys of every type that this server takes and sorts. */
export function nastyKeys(): unknown[] {
  const lib = vendor();
  return [
    new lib.Int32(7),
    lib.Long.fromString("9007199254740993"),
    new lib.Double(7.5),
    lib.Decimal128.fromString("8.5"),
    "7",
    "a\"b'c`%数据",
    "true",
    "5f0000000000000000000001",
    '{"x":1}',
    '"quoted"',
    new lib.ObjectId("5f0000000000000000000001"),
    new lib.Binary(Buffer.from("0123456789abcdef0123456789abcdef", "hex"), 4),
    true,
    false,
    new Date(1_767_225_600_000),
    doc(["b", new lib.Int32(1)], ["a", "x"]),
    new lib.Timestamp({ t: 1, i: 2 }),
    null,
    new lib.MinKey(),
    new lib.MaxKey(),
    "",
  ];
}
