import type { Document, Filter } from "mongodb";
import { StoreError } from "@/lib/errors";
import type { Cursor } from "@/lib/stores/batch";
import { type Place, placeOf, T } from "@/lib/stores/mongodb/bson";
import { END_MS, FIRST_MS, wholeNumber } from "@/lib/stores/mongodb/cell";
import { keyText, keyValue } from "@/lib/stores/mongodb/key-text";
import { KEY_COLUMN } from "@/lib/stores/mongodb/layout";
import { driverValue } from "@/lib/stores/mongodb/value";
import { vendor } from "@/lib/stores/mongodb/vendor";
import type { TimeColumn, TimeUnit } from "@/lib/stores/table";
import { textForm } from "@/lib/stores/text-form";

/** Where a reading stands, in values as the vendor's serializer takes them. `time` is absent without a time column. */
export interface Position {
  time?: unknown;
  id: unknown;
}

export interface Span {
  /** Null: ordered by _id alone. */
  time: TimeColumn | null;
  fromUs: bigint | null;
  untilUs: bigint | null;
  after: Position | null;
  upTo: Position | null;
}

const UNIT_US: Readonly<Record<TimeUnit, bigint>> = {
  timestamp: 1_000n,
  timestamptz: 1_000n,
  date: 1_000n,
  s: 1_000_000n,
  ms: 1_000n,
  us: 1n,
};

const isDate = (unit: TimeUnit): boolean => unit === "timestamp" || unit === "timestamptz" || unit === "date";

/** A column that counts time, or null for the key itself, by which a table is read that has no time. */
export const timeOf = (time: TimeColumn | null): TimeColumn | null =>
  time === null || time.column === KEY_COLUMN ? null : time;

/** The instant of a value in microseconds; null for what is no time: another type, a fraction, a year of five digits. */
export function timeUsAt(place: Place | undefined, { unit }: TimeColumn): bigint | null {
  if (!place) return null;
  const count = isDate(unit) ? dateMs(place) : wholeNumber(place);
  if (count === null) return null;
  const us = count * UNIT_US[unit];
  return us >= FIRST_MS * 1_000n && us < END_MS * 1_000n ? us : null;
}

const dateMs = ({ bytes, type, from }: Place): bigint | null =>
  type === T.date ? bytes.readBigInt64LE(from) : null;

/** The time's text in a cursor. */
const timeText = (us: bigint, unit: TimeUnit): string =>
  isDate(unit) ? (textForm("timestamptz", us) ?? "") : (us / UNIT_US[unit]).toString();

const ceilDiv = (value: bigint, by: bigint): bigint =>
  value >= 0n ? (value + by - 1n) / by : -(-value / by);

/** An instant as a value of the field; rounded up, so that half-open bounds hold exactly. */
export function timeValue(us: bigint, unit: TimeUnit): unknown {
  const count = ceilDiv(us, UNIT_US[unit]);
  return isDate(unit) ? new Date(Number(count)) : vendor().Long.fromBigInt(count);
}

/** The cursor after a document; null when its time is none. */
export function cursorAt(document: Buffer, time: TimeColumn | null): Cursor | null {
  const key = placeOf(document, KEY_COLUMN);
  if (!key) return null;
  if (!time) return [keyText(key)];
  const us = timeUsAt(placeOf(document, time.column), time);
  return us === null ? null : [timeText(us, time.unit), keyText(key)];
}

/** The position of a document whatever its time is. */
export function positionAt(document: Buffer, time: TimeColumn | null): Position {
  const key = placeOf(document, KEY_COLUMN);
  const at = time && placeOf(document, time.column);
  return { id: key ? driverValue(key) : null, ...(time && { time: at ? driverValue(at) : null }) };
}

const INSTANT = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?)?(?:Z|\+00(?::?00)?)?$/;

/** Throws bad_input for a cursor that no reading gave. */
export function positionOf(cursor: Cursor, time: TimeColumn | null): Position {
  try {
    if (!time) return { id: keyValue(cursor[0] ?? "") };
    const [text = "", key = ""] = cursor;
    return { time: timeOfText(text, time.unit), id: keyValue(key) };
  } catch (error) {
    throw new StoreError(
      "bad_input",
      "This place in the table is no longer understood. Begin from the start.",
      {
        key: "mongodb.badCursor",
        cause: error,
      },
    );
  }
}

function timeOfText(text: string, unit: TimeUnit): unknown {
  if (!isDate(unit)) return vendor().Long.fromBigInt(BigInt(text));
  const match = INSTANT.exec(text);
  if (!match) throw new SyntaxError("no instant");
  const ms = Date.parse(`${match[1]}T${match[2] ?? "00:00:00"}Z`);
  return new Date(ms + Number((match[3] ?? "").padEnd(6, "0").slice(0, 3)));
}

/** Whether a key lies beyond `id` in the order of BSON, whatever the types of both; `with` takes `id` itself in. */
function beyondKey(id: unknown, direction: "after" | "before", inclusive: "with" | "without"): Document {
  const operator = `${direction === "after" ? "$gt" : "$lt"}${inclusive === "with" ? "e" : ""}`;
  // The query language's own $gt compares within one type only and would skip the keys of all others; the one of
  // expressions has the order by which the server sorts.
  return { $expr: { [operator]: [`$${KEY_COLUMN}`, { $literal: id }] } };
}

/** Rows beyond a position in the order (time, _id). */
export function beyondPosition(
  position: Position,
  time: TimeColumn | null,
  direction: "after" | "before",
  inclusive: "with" | "without",
): Filter<Document> {
  const key = beyondKey(position.id, direction, inclusive);
  if (!time) return key;
  const compare = direction === "after" ? "$gt" : "$lt";
  return {
    $or: [{ [time.column]: { [compare]: position.time } }, { [time.column]: { $eq: position.time }, ...key }],
  };
}

/** All conditions of a span. Rows whose field is no time are in no span that has a time column. */
export function spanFilter({ time, fromUs, untilUs, after, upTo }: Span): Filter<Document> {
  const parts: Filter<Document>[] = [];
  if (time) {
    const low = fromUs ?? FIRST_MS * 1_000n;
    const high = untilUs ?? END_MS * 1_000n;
    parts.push({ [time.column]: { $gte: timeValue(low, time.unit), $lt: timeValue(high, time.unit) } });
    // Said once more by the time alone: these bound the index's range, an $or may not.
    if (after) parts.push({ [time.column]: { $gte: after.time } });
    if (upTo) parts.push({ [time.column]: { $lte: upTo.time } });
  }
  if (after) parts.push(beyondPosition(after, time, "after", "without"));
  if (upTo) parts.push(beyondPosition(upTo, time, "before", "with"));
  return parts.length === 0 ? {} : { $and: parts };
}

export const orderOf = (time: TimeColumn | null, direction: 1 | -1 = 1): Record<string, 1 | -1> =>
  time ? { [time.column]: direction, [KEY_COLUMN]: direction } : { [KEY_COLUMN]: direction };
