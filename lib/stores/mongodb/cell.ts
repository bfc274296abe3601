import { isUtf8 } from "node:buffer";
import type { Value } from "@/lib/stores/batch";
import { type Place, T, TYPE_NAMES } from "@/lib/stores/mongodb/bson";
import { boolAt, decimalAt, doubleAt, ejsonOf, Unsayable, utf8At } from "@/lib/stores/mongodb/ejson-write";
import type { LayoutColumn } from "@/lib/stores/mongodb/layout";

/** Instants of the years 1 to 9999: those whose text every part of Strata reads. */
export const FIRST_MS = -62_135_596_800_000n;
export const END_MS = 253_402_300_800_000n;

/** A value as its column shows it. `whole`: the column alone tells value and type. */
export interface Cell {
  value: Value;
  whole: boolean;
}

const ABSENT: Cell = { value: null, whole: false };

/** Throws Unsayable when not even EJSON holds the value. */
export function cellOf(place: Place, column: LayoutColumn): Cell {
  const { type } = place;
  if (type === T.null) return ABSENT;
  const name = type === T.date ? "timestamptz" : TYPE_NAMES[type];
  const value = valueIn(place, column);
  return { value, whole: value !== null && name === column.sourceType };
}

function valueIn(place: Place, { physical }: LayoutColumn): Value {
  switch (physical) {
    case "int64":
      return wholeNumber(place);
    case "float64":
      return floatNumber(place);
    case "bool":
      return place.type === T.bool ? boolAt(place.bytes, place.from) : null;
    case "timestamptz":
      return place.type === T.date ? instant(place) : null;
    default:
      return textBytes(place);
  }
}

function instant({ bytes, from }: Place): bigint | null {
  const ms = bytes.readBigInt64LE(from);
  return ms >= FIRST_MS && ms < END_MS ? ms * 1_000n : null;
}

/** Also of another numeric type, when nothing but the type is lost: `_extra` has that. */
export function wholeNumber({ bytes, type, from }: Place): bigint | null {
  if (type === T.int) return BigInt(bytes.readInt32LE(from));
  if (type === T.long) return bytes.readBigInt64LE(from);
  if (type !== T.double) return null;
  const value = bytes.readDoubleLE(from);
  return Number.isSafeInteger(value) && !Object.is(value, -0) ? BigInt(value) : null;
}

function floatNumber({ bytes, type, from }: Place): number | null {
  if (type === T.double) return doubleAt(bytes, from);
  if (type === T.int) return bytes.readInt32LE(from);
  if (type !== T.long) return null;
  const value = bytes.readBigInt64LE(from);
  return Number.isSafeInteger(Number(value)) ? Number(value) : null;
}

/** Strings as the bytes they are; ObjectIds and decimals as people write them; everything else as EJSON. */
function textBytes(place: Place): Uint8Array {
  const { bytes, type, from, until } = place;
  if (type === T.string) {
    const text = bytes.subarray(from + 4, until - 1);
    if (!isUtf8(text)) throw new Unsayable("no UTF-8");
    return text;
  }
  return Buffer.from(plainText(place), "utf8");
}

/** A value as it is shown where there is only text: whole numbers without their type, dates as ISO instants. */
export function plainText(place: Place): string {
  const { bytes, type, from, until } = place;
  switch (type) {
    case T.string:
      return utf8At(bytes, from + 4, until - 1);
    case T.objectId:
      return bytes.toString("hex", from, until);
    case T.decimal:
      return decimalAt(bytes, from);
    default:
      return ejsonOf(place);
  }
}
