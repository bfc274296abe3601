import {
  doublePayload,
  type Field,
  int32Payload,
  int64Payload,
  stringPayload,
  T,
  writeDocument,
} from "@/lib/stores/mongodb/bson";
import { type Json, JsonObject, parseJson } from "@/lib/stores/mongodb/json";
import { vendor } from "@/lib/stores/mongodb/vendor";

export type Typed = Omit<Field, "name">;

/** A value of canonical Extended JSON as BSON. Throws SyntaxError for text that is none. */
export const bsonOfEjson = (text: string): Typed => bsonOf(parseJson(text));

export function bsonOf(value: Json): Typed {
  if (value === null) return { type: T.null, payload: NOTHING };
  if (typeof value === "string")
    return { type: T.string, payload: stringPayload(Buffer.from(value, "utf8")) };
  if (typeof value === "boolean") return { type: T.bool, payload: Buffer.from([value ? 1 : 0]) };
  if (typeof value === "number") throw new SyntaxError("a number without its type");
  if (Array.isArray(value)) {
    const items = value.map((item, at): Field => ({ name: String(at), ...bsonOf(item) }));
    return { type: T.array, payload: writeDocument(items) };
  }
  return formOf(value) ?? { type: T.object, payload: documentOf(value) };
}

export const documentOf = (object: JsonObject): Buffer =>
  writeDocument(object.entries.map(([name, value]): Field => ({ name, ...bsonOf(value) })));

const NOTHING = Buffer.alloc(0);

/** EJSON's own forms; undefined for a document. */
function formOf(object: JsonObject): Typed | undefined {
  const [first] = object.entries;
  if (first?.[0] === "$code") return codeOf(object);
  if (!first || object.entries.length !== 1) return undefined;
  const [name, value] = first;
  return typeof value === "string" ? textForm(name, value) : otherForm(name, value);
}

function textForm(name: string, value: string): Typed | undefined {
  switch (name) {
    case "$oid":
      return { type: T.objectId, payload: Buffer.from(value, "hex") };
    case "$numberInt":
      return { type: T.int, payload: int32Payload(Number(value)) };
    case "$numberLong":
      return { type: T.long, payload: int64Payload(BigInt(value)) };
    case "$numberDouble":
      return { type: T.double, payload: doublePayload(Number(value)) };
    case "$numberDecimal":
      return { type: T.decimal, payload: decimalPayload(value) };
    case "$symbol":
      return { type: T.symbol, payload: stringPayload(Buffer.from(value, "utf8")) };
    default:
      return undefined;
  }
}

export const decimalPayload = (text: string): Buffer =>
  Buffer.from(vendor().Decimal128.fromString(text).bytes);

function otherForm(name: string, value: Json): Typed | undefined {
  switch (name) {
    case "$minKey":
      return { type: T.minKey, payload: NOTHING };
    case "$maxKey":
      return { type: T.maxKey, payload: NOTHING };
    case "$undefined":
      return { type: T.undefined, payload: NOTHING };
  }
  if (!(value instanceof JsonObject)) return undefined;
  switch (name) {
    case "$date":
      return { type: T.date, payload: int64Payload(BigInt(stringIn(value, "$numberLong"))) };
    case "$timestamp":
      return { type: T.timestamp, payload: timestampPayload(value) };
    case "$regularExpression": {
      const text = `${stringIn(value, "pattern")}\0${stringIn(value, "options")}\0`;
      return { type: T.regex, payload: Buffer.from(text, "utf8") };
    }
    case "$binary":
      return { type: T.binData, payload: binaryPayload(value) };
    case "$dbPointer": {
      const id = value.get("$id");
      const oid = id instanceof JsonObject ? stringIn(id, "$oid") : "";
      const name = stringPayload(Buffer.from(stringIn(value, "$ref"), "utf8"));
      return { type: T.dbPointer, payload: Buffer.concat([name, Buffer.from(oid, "hex")]) };
    }
    default:
      return undefined;
  }
}

function codeOf(object: JsonObject): Typed {
  const code = stringPayload(Buffer.from(stringIn(object, "$code"), "utf8"));
  const scope = object.get("$scope");
  if (scope === undefined) return { type: T.javascript, payload: code };
  if (!(scope instanceof JsonObject)) throw new SyntaxError("a scope that is no document");
  const inner = documentOf(scope);
  const size = int32Payload(4 + code.length + inner.length);
  return { type: T.javascriptWithScope, payload: Buffer.concat([size, code, inner]) };
}

function timestampPayload(value: JsonObject): Buffer {
  const payload = Buffer.allocUnsafe(8);
  payload.writeUInt32LE(Number(value.get("i")), 0);
  payload.writeUInt32LE(Number(value.get("t")), 4);
  return payload;
}

function binaryPayload(value: JsonObject): Buffer {
  const data = Buffer.from(stringIn(value, "base64"), "base64");
  const subtype = Number.parseInt(stringIn(value, "subType"), 16);
  const inner = subtype === 2 ? Buffer.concat([int32Payload(data.length), data]) : data;
  return Buffer.concat([int32Payload(inner.length), Buffer.from([subtype]), inner]);
}

function stringIn(object: JsonObject, name: string): string {
  const value = object.get(name);
  if (typeof value === "string") return value;
  throw new SyntaxError(`${name} is missing`);
}
