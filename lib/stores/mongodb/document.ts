import type { Vector } from "@/lib/stores/batch";
import {
  doublePayload,
  type Field,
  int32Payload,
  int64Payload,
  stringPayload,
  T,
  writeDocument,
} from "@/lib/stores/mongodb/bson";
import { bsonOf, bsonOfEjson, decimalPayload, type Typed } from "@/lib/stores/mongodb/ejson-read";
import { type Json, JsonObject, parseJson } from "@/lib/stores/mongodb/json";
import { keyOfText } from "@/lib/stores/mongodb/key-text";
import { EXTRA_COLUMN, KEY_COLUMN } from "@/lib/stores/mongodb/layout";
import { ORDER, RAW } from "@/lib/stores/mongodb/project";
import { vectorText } from "@/lib/stores/text-form";

/** The document that a row of these vectors was made of, byte for byte. Throws SyntaxError for a row that was made by nobody. */
export function documentOfRow(vectors: readonly Vector[], row: number): Buffer {
  const text = textOf(vectors, EXTRA_COLUMN, row);
  const extra = text === null ? new JsonObject() : parseJson(text);
  if (!(extra instanceof JsonObject)) throw new SyntaxError("_extra is no document");
  const raw = extra.get(RAW);
  if (typeof raw === "string") return Buffer.from(raw, "base64");
  return writeDocument(inOrder(fieldsOf(vectors, row, extra), extra.get(ORDER)));
}

const textOf = (vectors: readonly Vector[], name: string, row: number): string | null => {
  const vector = vectors.find((one) => one.name === name);
  return vector ? vectorText(vector, row) : null;
};

function fieldsOf(vectors: readonly Vector[], row: number, extra: JsonObject): Map<string, Field> {
  const held = new Map<string, Json>(extra.entries);
  const fields = new Map<string, Field>();
  for (const vector of vectors) {
    const { name } = vector;
    if (name === EXTRA_COLUMN) continue;
    const inExtra = held.get(name);
    const typed = inExtra !== undefined ? bsonOf(inExtra) : typedOf(vector, row);
    if (typed) fields.set(name, { name, ...typed });
  }
  for (const [name, value] of extra.entries) {
    if (name !== ORDER && !fields.has(name)) fields.set(name, { name, ...bsonOf(value) });
  }
  return fields;
}

function inOrder(fields: Map<string, Field>, order: Json | undefined): Field[] {
  if (!Array.isArray(order)) return [...fields.values()];
  return order.flatMap((name) => (typeof name === "string" ? (fields.get(name) ?? []) : []));
}

/** Null in a column is absent in the document; what was null there stands in `_extra`. */
function typedOf(vector: Vector, row: number): Typed | null {
  const value = vector.values[row] ?? null;
  if (value === null) return null;
  if (vector.name === KEY_COLUMN) return keyOfText(vectorText(vector, row) ?? "");
  if (value instanceof Uint8Array) return typedText(vector.sourceType, value);
  switch (vector.sourceType) {
    case "int":
      return { type: T.int, payload: int32Payload(Number(value)) };
    case "long":
      return { type: T.long, payload: int64Payload(BigInt(value)) };
    case "double":
      return { type: T.double, payload: doublePayload(Number(value)) };
    case "bool":
      return { type: T.bool, payload: Buffer.from([value === true ? 1 : 0]) };
    case "timestamptz":
      return { type: T.date, payload: int64Payload(BigInt(value) / 1_000n) };
    default:
      throw new SyntaxError(`a column of the unknown type ${vector.sourceType}`);
  }
}

function typedText(sourceType: string, value: Uint8Array): Typed {
  if (sourceType === "string") return { type: T.string, payload: stringPayload(value) };
  const text = Buffer.from(value).toString("utf8");
  if (sourceType === "objectId") return { type: T.objectId, payload: Buffer.from(text, "hex") };
  if (sourceType === "decimal") return { type: T.decimal, payload: decimalPayload(text) };
  return bsonOfEjson(text);
}
