import { isUtf8 } from "node:buffer";
import { eachField, fieldName, type Place, T } from "@/lib/stores/mongodb/bson";
import { vendor } from "@/lib/stores/mongodb/vendor";

/**
 * A value that canonical Extended JSON (v2) cannot say exactly: text that is no UTF-8, a name that is there twice, a
 * NaN with a payload, a document that looks like one of EJSON's own forms. Such documents are kept as their bytes.
 */
export class Unsayable extends Error {}

/** Names that make an object of EJSON something else than a document. */
export const FORMS: ReadonlySet<string> = new Set([
  "$oid",
  "$symbol",
  "$numberInt",
  "$numberLong",
  "$numberDouble",
  "$numberDecimal",
  "$binary",
  "$code",
  "$scope",
  "$timestamp",
  "$regularExpression",
  "$dbPointer",
  "$date",
  "$minKey",
  "$maxKey",
  "$undefined",
]);

/** The one NaN that every driver writes. */
const NAN_BITS = 0x7ff8000000000000n;

export function utf8At(bytes: Buffer, from: number, until: number): string {
  const text = bytes.toString("utf8", from, until);
  if (text.includes("\ufffd") && !isUtf8(bytes.subarray(from, until))) throw new Unsayable("no UTF-8");
  return text;
}

/** The number at this place. Throws Unsayable for a NaN that carries something. */
export function doubleAt(bytes: Buffer, at: number): number {
  const value = bytes.readDoubleLE(at);
  if (Number.isNaN(value) && bytes.readBigUInt64LE(at) !== NAN_BITS) throw new Unsayable("a NaN of its own");
  return value;
}

/** As EJSON's $numberDouble holds it. */
function doubleText(value: number): string {
  if (Object.is(value, -0)) return "-0.0";
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return `${value}.0`;
  return String(value);
}

/** The decimal's text. Throws Unsayable for the encodings that have no text of their own. */
export function decimalAt(bytes: Buffer, at: number): string {
  const { Decimal128 } = vendor();
  const raw = bytes.subarray(at, at + 16);
  const text = new Decimal128(Buffer.from(raw)).toString();
  if (!raw.equals(Decimal128.fromString(text).bytes)) throw new Unsayable("a decimal of its own");
  return text;
}

const textAt = (bytes: Buffer, from: number): string =>
  JSON.stringify(utf8At(bytes, from + 4, from + 3 + bytes.readInt32LE(from)));

/** The value in canonical Extended JSON. Throws Unsayable. */
export function ejsonOf({ bytes, type, from, until }: Place): string {
  switch (type) {
    case T.double:
      return `{"$numberDouble":"${doubleText(doubleAt(bytes, from))}"}`;
    case T.string:
      return textAt(bytes, from);
    case T.object:
      return documentText(bytes, from);
    case T.array:
      return arrayText(bytes, from);
    case T.binData:
      return binaryText(bytes, from, until);
    case T.undefined:
      return '{"$undefined":true}';
    case T.objectId:
      return `{"$oid":"${bytes.toString("hex", from, until)}"}`;
    case T.bool:
      return String(boolAt(bytes, from));
    case T.date:
      return `{"$date":{"$numberLong":"${bytes.readBigInt64LE(from)}"}}`;
    case T.null:
      return "null";
    case T.int:
      return `{"$numberInt":"${bytes.readInt32LE(from)}"}`;
    case T.timestamp:
      return `{"$timestamp":{"t":${bytes.readUInt32LE(from + 4)},"i":${bytes.readUInt32LE(from)}}}`;
    case T.long:
      return `{"$numberLong":"${bytes.readBigInt64LE(from)}"}`;
    case T.decimal:
      return `{"$numberDecimal":"${decimalAt(bytes, from)}"}`;
    default:
      return rareText(bytes, type, from, until);
  }
}

function rareText(bytes: Buffer, type: number, from: number, until: number): string {
  switch (type) {
    case T.regex: {
      const middle = bytes.indexOf(0, from);
      const pattern = JSON.stringify(utf8At(bytes, from, middle));
      const options = JSON.stringify(utf8At(bytes, middle + 1, until - 1));
      return `{"$regularExpression":{"pattern":${pattern},"options":${options}}}`;
    }
    case T.dbPointer:
      return `{"$dbPointer":{"$ref":${textAt(bytes, from)},"$id":{"$oid":"${bytes.toString("hex", until - 12, until)}"}}}`;
    case T.javascript:
      return `{"$code":${textAt(bytes, from)}}`;
    case T.symbol:
      return `{"$symbol":${textAt(bytes, from)}}`;
    case T.javascriptWithScope:
      return `{"$code":${textAt(bytes, from + 4)},"$scope":${documentText(bytes, from + 8 + bytes.readInt32LE(from + 4))}}`;
    case T.minKey:
      return '{"$minKey":1}';
    case T.maxKey:
      return '{"$maxKey":1}';
    default:
      throw new Unsayable(`type ${type}`);
  }
}

/** Throws Unsayable for a byte that is neither: such a document is kept as its bytes. */
export function boolAt(bytes: Buffer, at: number): boolean {
  const byte = bytes[at];
  if (byte !== 0 && byte !== 1) throw new Unsayable("a boolean that is neither");
  return byte === 1;
}

/** The old subtype 2 holds its length twice: EJSON holds it once. */
function binaryText(bytes: Buffer, from: number, until: number): string {
  const subtype = bytes[from + 4] ?? 0;
  const inner = subtype === 2 ? from + 9 : from + 5;
  if (subtype === 2 && bytes.readInt32LE(from + 5) !== until - inner) throw new Unsayable("a broken binary");
  const code = subtype.toString(16).padStart(2, "0");
  return `{"$binary":{"base64":"${bytes.toString("base64", inner, until)}","subType":"${code}"}}`;
}

function documentText(bytes: Buffer, from: number): string {
  const parts: string[] = [];
  const seen = new Set<string>();
  eachField(bytes, from, (latin1, type, valueFrom, until) => {
    if (seen.has(latin1)) throw new Unsayable("a name that is there twice");
    seen.add(latin1);
    const name = exactName(latin1);
    if (FORMS.has(name)) throw new Unsayable("a document that looks like a form of EJSON");
    parts.push(`${JSON.stringify(name)}:${ejsonOf({ bytes, type, from: valueFrom, until })}`);
  });
  return `{${parts.join(",")}}`;
}

/** Names in arrays are their positions; drivers may write others, which nobody could read back. */
function arrayText(bytes: Buffer, from: number): string {
  const parts: string[] = [];
  eachField(bytes, from, (name, type, valueFrom, until) => {
    if (name !== String(parts.length)) throw new Unsayable("an array with names of its own");
    parts.push(ejsonOf({ bytes, type, from: valueFrom, until }));
  });
  return `[${parts.join(",")}]`;
}

/** The name as text. Throws Unsayable when it is no UTF-8. */
export function exactName(latin1: string): string {
  const name = fieldName(latin1);
  if (name.includes("\ufffd") && !isUtf8(Buffer.from(latin1, "latin1")))
    throw new Unsayable("a name that is no UTF-8");
  return name;
}
