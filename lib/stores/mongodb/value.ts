import { eachField, fieldName, type Place, T } from "@/lib/stores/mongodb/bson";
import { Unsayable } from "@/lib/stores/mongodb/ejson-write";
import { vendor } from "@/lib/stores/mongodb/vendor";

/** The furthest instant that a JavaScript Date holds. */
const MAX_DATE_MS = 8_640_000_000_000_000n;

/**
 * A value as the vendor's serializer takes it: documents become maps, which keep every name in its order, and numbers
 * their own classes, so that it is written as it was read. Throws Unsayable for what that serializer cannot write: the
 * deprecated undefined and DBPointer, and dates more than 275,000 years away.
 */
export function driverValue({ bytes, type, from, until }: Place): unknown {
  const lib = vendor();
  switch (type) {
    case T.double:
      return new lib.Double(bytes.readDoubleLE(from));
    case T.string:
      return bytes.toString("utf8", from + 4, until - 1);
    case T.object:
      return mapOf(bytes, from);
    case T.array:
      return arrayOf(bytes, from);
    case T.binData:
      return binaryOf(bytes, from, until);
    case T.objectId:
      return new lib.ObjectId(Buffer.from(bytes.subarray(from, until)));
    case T.bool:
      return bytes[from] === 1;
    case T.date:
      return dateOf(bytes.readBigInt64LE(from));
    case T.null:
      return null;
    case T.int:
      return new lib.Int32(bytes.readInt32LE(from));
    case T.timestamp:
      return new lib.Timestamp({ i: bytes.readUInt32LE(from), t: bytes.readUInt32LE(from + 4) });
    case T.long:
      return lib.Long.fromBigInt(bytes.readBigInt64LE(from));
    case T.decimal:
      return new lib.Decimal128(Buffer.from(bytes.subarray(from, until)));
    default:
      return rareOf({ bytes, type, from, until });
  }
}

function rareOf({ bytes, type, from, until }: Place): unknown {
  const lib = vendor();
  switch (type) {
    case T.regex: {
      const middle = bytes.indexOf(0, from);
      return new lib.BSONRegExp(
        bytes.toString("utf8", from, middle),
        bytes.toString("utf8", middle + 1, until - 1),
      );
    }
    case T.javascript:
      return new lib.Code(bytes.toString("utf8", from + 4, until - 1));
    case T.javascriptWithScope: {
      const codeEnd = from + 8 + bytes.readInt32LE(from + 4);
      return new lib.Code(bytes.toString("utf8", from + 8, codeEnd - 1), mapOf(bytes, codeEnd));
    }
    case T.symbol:
      return new lib.BSONSymbol(bytes.toString("utf8", from + 4, until - 1));
    case T.minKey:
      return new lib.MinKey();
    case T.maxKey:
      return new lib.MaxKey();
    default:
      throw new Unsayable(`a value of a type that drivers do not write any more (${type})`);
  }
}

function binaryOf(bytes: Buffer, from: number, until: number): unknown {
  const subtype = bytes[from + 4] ?? 0;
  // The serializer writes the second length of the old subtype 2 itself.
  const inner = subtype === 2 ? from + 9 : from + 5;
  return new (vendor().Binary)(Buffer.from(bytes.subarray(inner, until)), subtype);
}

function dateOf(ms: bigint): Date {
  if (ms > MAX_DATE_MS || ms < -MAX_DATE_MS) throw new Unsayable("a date that no driver can write");
  return new Date(Number(ms));
}

/** A document in its order. */
export function mapOf(bytes: Buffer, from = 0): Map<string, unknown> {
  const map = new Map<string, unknown>();
  eachField(bytes, from, (name, type, valueFrom, until) => {
    map.set(fieldName(name), driverValue({ bytes, type, from: valueFrom, until }));
  });
  return map;
}

function arrayOf(bytes: Buffer, from: number): unknown[] {
  const items: unknown[] = [];
  eachField(bytes, from, (_, type, valueFrom, until) => {
    items.push(driverValue({ bytes, type, from: valueFrom, until }));
  });
  return items;
}
