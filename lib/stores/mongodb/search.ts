import type { Document, Filter } from "mongodb";
import type { Cursor } from "@/lib/stores/batch";
import { type Place, placeOf, T } from "@/lib/stores/mongodb/bson";
import { plainText } from "@/lib/stores/mongodb/cell";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import { collectionInfo, currentLayout, indexesOf } from "@/lib/stores/mongodb/collection";
import { bsonOfEjson } from "@/lib/stores/mongodb/ejson-read";
import { Unsayable } from "@/lib/stores/mongodb/ejson-write";
import { toStoreError } from "@/lib/stores/mongodb/errors";
import { keyText, keyValue } from "@/lib/stores/mongodb/key-text";
import { EXTRA_COLUMN, KEY_COLUMN } from "@/lib/stores/mongodb/layout";
import { Projector } from "@/lib/stores/mongodb/project";
import {
  beyondPosition,
  cursorAt,
  orderOf,
  positionOf,
  spanFilter,
  timeOf,
  timeUsAt,
} from "@/lib/stores/mongodb/scope-filter";
import { driverValue } from "@/lib/stores/mongodb/value";
import { loadVendor, vendor } from "@/lib/stores/mongodb/vendor";
import type { FoundRow, RowPage, RowQuery } from "@/lib/stores/rows";
import type { TimeColumn } from "@/lib/stores/table";
import { textForm, vectorText } from "@/lib/stores/text-form";

/** Share of the time that one search over everything gets; the rest is for going back slice by slice. */
const WHOLE_SHARE = 0.6;
const FIRST_SLICE_ROWS = 2_000;
const MAX_SLICE_ROWS = 200_000;
/** Below this a request is not worth sending. */
const MIN_REQUEST_MS = 20;
/** The server looks at its clock now and then only. */
const GRACE_MS = 2_000;

/**
 * A page of matches, newest first: terms as substrings in any case by escaped regular expressions, so that hot and cold
 * find the same. The server stops at its time limit; then slices from the newest on are searched for as long as there
 * is time, and the page says where it stopped.
 */
export async function searchRows(
  handle: MongoHandle,
  query: RowQuery,
  signal: AbortSignal,
): Promise<RowPage> {
  await loadVendor();
  const deadline = Date.now() + query.timeoutMs;
  await collectionInfo(handle, query.table, { signal });
  const search = new Search(handle, query, deadline, signal);
  return search.run();
}

class Search {
  private readonly time: TimeColumn | null;
  private readonly conditions: Filter<Document>[];

  constructor(
    private readonly handle: MongoHandle,
    private readonly query: RowQuery,
    private readonly deadline: number,
    private readonly signal: AbortSignal,
  ) {
    this.time = timeOf(query.time);
    this.conditions = [
      ...query.terms.map((term) => termFilter(query.textColumns, term)),
      ...query.equals.map(equalFilter),
    ];
  }

  async run(): Promise<RowPage> {
    const { query } = this;
    try {
      const found = await this.fetch(query.after, null, query.limit + 1, query.timeoutMs * WHOLE_SHARE);
      return page(found, query.limit);
    } catch (error) {
      if (!ranOut(error) || this.signal.aborted) throw error;
    }
    return this.backwards();
  }

  private async backwards(): Promise<RowPage> {
    const { query } = this;
    const rows: FoundRow[] = [];
    let at = query.after;
    let size = FIRST_SLICE_ROWS;
    while (this.left() > MIN_REQUEST_MS) {
      const begun = Date.now();
      try {
        const end = await this.edge(at, size);
        rows.push(...(await this.fetch(at, end, query.limit + 1 - rows.length, this.left())));
        if (rows.length > query.limit) return page(rows, query.limit);
        if (end === null) return { rows, next: null, incomplete: false };
        at = end;
      } catch (error) {
        if (!ranOut(error) || this.signal.aborted) throw error;
        break;
      }
      if (Date.now() - begun < this.left() / 8) size = Math.min(MAX_SLICE_ROWS, size * 2);
    }
    return { rows, next: at, incomplete: true };
  }

  /** Where the next slice ends; null: nothing is left behind it. */
  private async edge(after: Cursor | null, size: number): Promise<Cursor | null> {
    const projection = { [KEY_COLUMN]: 1 as const, ...(this.time && { [this.time.column]: 1 as const }) };
    const find = { sort: orderOf(this.time, -1), skip: size - 1, limit: 1, projection };
    for await (const document of this.read(this.range(after, null), find, this.left()))
      return cursorAt(document, this.time);
    return null;
  }

  private async fetch(
    after: Cursor | null,
    downTo: Cursor | null,
    limit: number,
    timeoutMs: number,
  ): Promise<FoundRow[]> {
    const filter = { $and: [this.range(after, downTo), ...this.conditions] };
    const rows: FoundRow[] = [];
    const extra = this.query.columns.includes(EXTRA_COLUMN) ? await this.extras() : null;
    const find = { sort: orderOf(this.time, -1), limit, batchSize: Math.min(limit, 1_000) };
    for await (const document of this.read(filter, find, timeoutMs)) {
      const cursor = cursorAt(document, this.time);
      if (cursor) rows.push(foundRow(this.query, this.time, document, cursor, extra));
    }
    return rows;
  }

  private async extras(): Promise<(document: Buffer) => string | null> {
    const run: RunOptions = { signal: this.signal };
    const info = await collectionInfo(this.handle, this.query.table, run);
    const layout = await currentLayout(
      this.handle,
      this.query.table,
      await indexesOf(this.handle, info, run),
      run,
    );
    return (document) => {
      const projector = new Projector(layout);
      projector.add(document);
      const vector = projector.vectors().at(-1);
      return vector ? vectorText(vector, 0) : null;
    };
  }

  private range(after: Cursor | null, downTo: Cursor | null): Filter<Document> {
    const { fromUs, untilUs } = this.query;
    const { time } = this;
    const span = spanFilter({
      time,
      fromUs: time && fromUs,
      untilUs: time && untilUs,
      after: null,
      upTo: null,
    });
    const parts = [span];
    if (after) parts.push(beyondPosition(positionOf(after, time), time, "before", "without"));
    if (downTo) parts.push(beyondPosition(positionOf(downTo, time), time, "after", "with"));
    return { $and: parts };
  }

  private read(filter: Filter<Document>, find: Document, timeoutMs: number): AsyncGenerator<Buffer> {
    const maxTimeMS = Math.max(1, Math.floor(timeoutMs));
    const run = { signal: this.signal, timeoutMs: maxTimeMS + GRACE_MS };
    return this.handle.raw(this.query.table, filter, { ...find, maxTimeMS }, run);
  }

  private left(): number {
    return this.deadline - Date.now();
  }
}

const ranOut = (error: unknown): boolean => toStoreError(error).code === "timeout";

/** One row more than asked for was fetched: it only tells that there is more. */
function page(rows: readonly FoundRow[], limit: number): RowPage {
  const shown = rows.slice(0, limit);
  return {
    rows: shown,
    next: rows.length > limit ? (shown.at(-1)?.cursor ?? null) : null,
    incomplete: false,
  };
}

const escaped = (term: string): string => term.replace(/[\\^$.|?*+()[\]{}-]/g, "\\$&");

/** Never true where there is no column to look in. */
function termFilter(columns: readonly string[], term: string): Filter<Document> {
  const condition = { $regex: escaped(term), $options: "i" };
  if (columns.length === 0) return { [KEY_COLUMN]: { $in: [] } };
  return { $or: columns.map((column) => ({ [column]: condition })) };
}

/** A filter's text may stand for a value of several types: any of them. */
function equalFilter({ column, value }: { column: string; value: string }): Filter<Document> {
  return { [column]: { $in: column === KEY_COLUMN ? keyCandidates(value) : candidates(value) } };
}

function keyCandidates(text: string): unknown[] {
  try {
    return [keyValue(text)];
  } catch {
    return [text];
  }
}

function candidates(text: string): unknown[] {
  const lib = vendor();
  const found: unknown[] = [text];
  if (/^-?\d{1,18}$/.test(text)) found.push(lib.Long.fromBigInt(BigInt(text)));
  else if (/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text))
    found.push(new lib.Double(Number(text)), lib.Decimal128.fromString(text));
  if (text === "true" || text === "false") found.push(text === "true");
  if (/^[0-9a-f]{24}$/i.test(text)) found.push(new lib.ObjectId(text));
  if (/^\d{4}-\d\d-\d\d[ T]\d\d:\d\d/.test(text)) {
    const ms = Date.parse(text.replace(" ", "T").replace(/\+00$/, "Z"));
    if (!Number.isNaN(ms)) found.push(new Date(ms));
  }
  return [...found, ...ejsonCandidate(text)];
}

function ejsonCandidate(text: string): unknown[] {
  if (!/^[{[]/.test(text)) return [];
  try {
    const { type, payload } = bsonOfEjson(text);
    // In a list of values a pattern would match texts instead of being compared with.
    if (type === T.regex) return [];
    return [driverValue({ bytes: Buffer.from(payload), type, from: 0, until: payload.length })];
  } catch {
    return [];
  }
}

function foundRow(
  query: RowQuery,
  time: TimeColumn | null,
  document: Buffer,
  cursor: Cursor,
  extra: ((document: Buffer) => string | null) | null,
): FoundRow {
  const key = placeOf(document, KEY_COLUMN);
  const values: Record<string, string | null> = {};
  const named = new Set([
    ...(query.time ? [query.time.column] : []),
    ...query.key,
    ...query.columns,
    ...query.textColumns,
  ]);
  for (const column of named) {
    const place = placeOf(document, column);
    const text = column === EXTRA_COLUMN && extra ? extra(document) : place ? shownText(column, place) : null;
    values[column] = text !== null && query.textColumns.includes(column) ? snippet(text, query) : text;
  }
  return {
    key: [key ? keyText(key) : ""],
    cursor,
    timeUs: time ? timeUsAt(placeOf(document, time.column), time) : null,
    values,
  };
}

/** The text a typed column would have in cold storage. */
function shownText(column: string, place: Place): string | null {
  const { bytes, type, from } = place;
  try {
    if (column === KEY_COLUMN) return keyText(place);
    if (type === T.null) return null;
    if (type === T.int) return String(bytes.readInt32LE(from));
    if (type === T.long) return String(bytes.readBigInt64LE(from));
    if (type === T.double) return textForm("float64", bytes.readDoubleLE(from));
    if (type === T.date) return dateText(bytes.readBigInt64LE(from), place);
    return plainText(place);
  } catch (error) {
    if (error instanceof Unsayable) return bytes.toString("latin1", from, Math.min(place.until, from + 200));
    throw error;
  }
}

const dateText = (ms: bigint, place: Place): string | null =>
  ms >= -62_135_596_800_000n && ms < 253_402_300_800_000n
    ? textForm("timestamptz", ms * 1_000n)
    : plainText(place);

/** A window of the text around the first match of any term, a third of it before. */
function snippet(text: string, { terms, snippetChars }: RowQuery): string {
  const chars = Math.max(1, Math.floor(snippetChars));
  if (text.length <= chars) return text;
  const matches = terms.flatMap((term) => {
    const at = new RegExp(escaped(term).replaceAll("\\-", "-"), "iu").exec(text)?.index;
    return at === undefined ? [] : [at];
  });
  let start = Math.max(0, (matches.length > 0 ? Math.min(...matches) : 0) - Math.floor(chars / 3));
  // Not in the middle of a pair that makes one character.
  if (start > 0 && /[\udc00-\udfff]/.test(text[start] ?? "")) start -= 1;
  const cut = text.slice(start, start + chars);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}
