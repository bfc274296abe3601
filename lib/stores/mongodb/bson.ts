/**
 * BSON as bytes (bsonspec.org 1.1). Documents are read where they lie and never become JavaScript objects: those
 * reorder keys that look like numbers, fold 1 and 1.0 together and know no 64-bit integers.
 */

/** Type byte → the name that MongoDB's `$type` gives it. */
export const TYPE_NAMES: Readonly<Record<number, string>> = {
  1: "double",
  2: "string",
  3: "object",
  4: "array",
  5: "binData",
  6: "undefined",
  7: "objectId",
  8: "bool",
  9: "date",
  10: "null",
  11: "regex",
  12: "dbPointer",
  13: "javascript",
  14: "symbol",
  15: "javascriptWithScope",
  16: "int",
  17: "timestamp",
  18: "long",
  19: "decimal",
  127: "maxKey",
  255: "minKey",
};

export const T = {
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  maxKey: 127,
  minKey: 255,
} as const;

/** A value in place: its type and where its payload lies in `bytes`. */
export interface Place {
  bytes: Buffer;
  type: number;
  from: number;
  until: number;
}

/** The bytes are no BSON. */
export class BrokenBson extends Error {}

const FIXED: Readonly<Record<number, number>> = {
  [T.double]: 8,
  [T.undefined]: 0,
  [T.objectId]: 12,
  [T.bool]: 1,
  [T.date]: 8,
  [T.null]: 0,
  [T.int]: 4,
  [T.timestamp]: 8,
  [T.long]: 8,
  [T.decimal]: 16,
  [T.maxKey]: 0,
  [T.minKey]: 0,
};

function cstringEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(0, from);
  if (end < 0) throw new BrokenBson("a name without its end");
  return end;
}

/** Where the payload of a value that begins at `from` ends. */
function payloadEnd(bytes: Buffer, type: number, from: number): number {
  const fixed = FIXED[type];
  if (fixed !== undefined) return from + fixed;
  switch (type) {
    case T.string:
    case T.javascript:
    case T.symbol:
      return from + 4 + bytes.readInt32LE(from);
    case T.object:
    case T.array:
    case T.javascriptWithScope:
      return from + bytes.readInt32LE(from);
    case T.binData:
      return from + 5 + bytes.readInt32LE(from);
    case T.regex:
      return cstringEnd(bytes, cstringEnd(bytes, from) + 1) + 1;
    case T.dbPointer:
      return from + 4 + bytes.readInt32LE(from) + 12;
    default:
      throw new BrokenBson(`a value of the unknown type ${type}`);
  }
}

/** Walks the fields of a document in their order, without copying. `name` is UTF-8 read as latin1: see `fieldName`. */
export function eachField(
  bytes: Buffer,
  from: number,
  visit: (name: string, type: number, valueFrom: number, valueUntil: number) => void,
): void {
  const end = from + bytes.readInt32LE(from) - 1;
  let at = from + 4;
  while (at < end) {
    const type = bytes[at] ?? 0;
    const nameEnd = cstringEnd(bytes, at + 1);
    const until = payloadEnd(bytes, type, nameEnd + 1);
    if (until > end) throw new BrokenBson("a value that is longer than its document");
    visit(bytes.toString("latin1", at + 1, nameEnd), type, nameEnd + 1, until);
    at = until;
  }
}

/** The field's name as text, from the latin1 that `eachField` gives. */
export const fieldName = (latin1: string): string =>
  /[\u0080-\u00ff]/.test(latin1) ? Buffer.from(latin1, "latin1").toString("utf8") : latin1;

export const latin1Name = (name: string): string => Buffer.from(name, "utf8").toString("latin1");

/** The first field of that name; undefined when there is none. */
export function placeOf(bytes: Buffer, name: string): Place | undefined {
  const wanted = latin1Name(name);
  let found: Place | undefined;
  eachField(bytes, 0, (field, type, from, until) => {
    if (field === wanted) found ??= { bytes, type, from, until };
  });
  return found;
}

/** A field to write: its name as text. */
export interface Field {
  name: string;
  type: number;
  payload: Uint8Array;
}

/** A document of these fields. */
export function writeDocument(fields: readonly Field[]): Buffer {
  const names = fields.map(({ name }) => Buffer.from(name, "utf8"));
  const size = fields.reduce(
    (sum, { payload }, at) => sum + 2 + (names[at]?.length ?? 0) + payload.length,
    5,
  );
  const bytes = Buffer.allocUnsafe(size);
  bytes.writeInt32LE(size, 0);
  let at = 4;
  for (const [index, { type, payload }] of fields.entries()) {
    bytes[at] = type;
    at += 1 + (names[index]?.copy(bytes, at + 1) ?? 0);
    bytes[at] = 0;
    bytes.set(payload, at + 1);
    at += 1 + payload.length;
  }
  bytes[at] = 0;
  return bytes;
}

/** Payload of a string, a code or a symbol. */
export function stringPayload(text: Uint8Array): Buffer {
  const payload = Buffer.allocUnsafe(text.length + 5);
  payload.writeInt32LE(text.length + 1, 0);
  payload.set(text, 4);
  payload[text.length + 4] = 0;
  return payload;
}

export function int64Payload(value: bigint): Buffer {
  const payload = Buffer.allocUnsafe(8);
  payload.writeBigInt64LE(value);
  return payload;
}

export function int32Payload(value: number): Buffer {
  const payload = Buffer.allocUnsafe(4);
  payload.writeInt32LE(value);
  return payload;
}

export function doublePayload(value: number): Buffer {
  const payload = Buffer.allocUnsafe(8);
  payload.writeDoubleLE(value);
  return payload;
}
