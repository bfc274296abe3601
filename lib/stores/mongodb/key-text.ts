import { type Place, stringPayload, T, writeDocument } from "@/lib/stores/mongodb/bson";
import { bsonOfEjson, type Typed } from "@/lib/stores/mongodb/ejson-read";
import { ejsonOf, Unsayable, utf8At } from "@/lib/stores/mongodb/ejson-write";
import { driverValue } from "@/lib/stores/mongodb/value";

/** Text that would be read as something else than a string: those strings are quoted. */
const READ_OTHERWISE = /^(?:[{["]|(?:true|false|null)$|[0-9a-f]{24}$)/;
const OBJECT_ID = /^[0-9a-f]{24}$/;

/**
 * A document's _id as the text of its key column: a string as it is, an ObjectId as its 24 hex digits, everything
 * else, and a string that looks like one of those, as Extended JSON. Each text stands for one value of one type.
 */
export function keyText(place: Place): string {
  const { bytes, type, from, until } = place;
  try {
    if (type === T.objectId) return bytes.toString("hex", from, until);
    if (type !== T.string) return ejsonOf(place);
    const text = utf8At(bytes, from + 4, until - 1);
    return READ_OTHERWISE.test(text) ? JSON.stringify(text) : text;
  } catch (error) {
    if (!(error instanceof Unsayable)) throw error;
    return `{"$strataType":${type},"base64":"${bytes.toString("base64", from, until)}"}`;
  }
}

const RAW = /^\{"\$strataType":(\d+),"base64":"([^"]*)"\}$/;

/** The value a key's text stands for. Throws SyntaxError for a text that stands for none. */
export function keyOfText(text: string): Typed {
  if (OBJECT_ID.test(text)) return { type: T.objectId, payload: Buffer.from(text, "hex") };
  const raw = RAW.exec(text);
  if (raw) return { type: Number(raw[1]), payload: Buffer.from(raw[2] ?? "", "base64") };
  if (READ_OTHERWISE.test(text)) return bsonOfEjson(text);
  return { type: T.string, payload: stringPayload(Buffer.from(text, "utf8")) };
}

/** The same as the vendor's serializer takes it. */
export function keyValue(text: string): unknown {
  const { type, payload } = keyOfText(text);
  return driverValue({ bytes: Buffer.from(payload), type, from: 0, until: payload.length });
}

/** One text for all keys that the server takes for equal: 1, 1.0 and NumberLong(1) are one _id. */
export function keyIdentity(text: string): string {
  const number = /^\{"\$number(?:Int|Long|Double)":"(-?\d+)(?:\.0)?"\}$/.exec(text);
  return number ? `n:${BigInt(number[1] ?? "0")}` : text;
}

export const documentOfKey = (text: string): Buffer => writeDocument([{ name: "_id", ...keyOfText(text) }]);
