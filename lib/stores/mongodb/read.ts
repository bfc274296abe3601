import { StoreError } from "@/lib/errors";
import type { Batch, Cursor, Layout, RowKey } from "@/lib/stores/batch";
import { addDigests, type DigestSum, emptyDigest } from "@/lib/stores/digest";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import { collectionInfo, currentLayout, indexesOf, ordersByTime } from "@/lib/stores/mongodb/collection";
import { keyValue } from "@/lib/stores/mongodb/key-text";
import { KEY_COLUMN } from "@/lib/stores/mongodb/layout";
import { Projector } from "@/lib/stores/mongodb/project";
import {
  cursorAt,
  orderOf,
  type Position,
  positionAt,
  positionOf,
  type Span,
  spanFilter,
  timeOf,
} from "@/lib/stores/mongodb/scope-filter";
import { loadVendor } from "@/lib/stores/mongodb/vendor";
import { rowDigests } from "@/lib/stores/row-digest";
import type { FamilyMember, FamilyScope, ReadOptions } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

/** Rows that are sorted at once where no index has their order: the server sorts them in its memory. */
const SORTED_ROWS = 2_000;
/** Documents of one answer; the server ends it at 16 MB whatever is asked for. */
const ANSWER_ROWS = 2_000;
/** Rows of a count's batch. */
const COUNT_ROWS = 1_000;
const COUNT_BYTES = 4 << 20;

export interface Opened {
  ref: TableRef;
  layout: Layout;
  /** Whether an index has the rows in their order. */
  ordered: boolean;
}

/** The member of a scope; families are another kind of store's. */
export function memberOf(scope: FamilyScope, member: number): FamilyMember {
  const one = scope.members[member];
  if (one && !one.via) return one;
  throw new StoreError(
    "refused",
    "Collections of MongoDB stand alone: none hangs on another. Nothing was changed.",
    {
      key: "mongodb.noFamilies",
    },
  );
}

export const spanOf = (scope: FamilyScope, after: Cursor | null, upTo: Cursor | null): Span => {
  const time = timeOf(scope.time);
  return {
    time,
    fromUs: time && scope.fromUs,
    untilUs: time && scope.untilUs,
    after: after && positionOf(after, time),
    upTo: upTo && positionOf(upTo, time),
  };
};

/** Throws not_found: a find on a collection that is not there would answer with nothing. */
export async function openCollection(
  handle: MongoHandle,
  member: FamilyMember,
  time: string | null,
  run: RunOptions,
): Promise<Opened> {
  const { table: ref } = member;
  await loadVendor();
  const info = await collectionInfo(handle, ref, run);
  const indexes = await indexesOf(handle, info, run);
  const layout = member.layout ?? (await currentLayout(handle, ref, indexes, run));
  return { ref, layout, ordered: time === null || ordersByTime(indexes, time) };
}

/** Rows in the order (time, _id), cut into batches by rows and bytes. Rows whose field is no time are left out. */
export async function* readRows(
  handle: MongoHandle,
  scope: FamilyScope,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const run = { signal };
  await loadVendor();
  const span = spanOf(scope, options.after, options.upTo);
  const opened = await openCollection(
    handle,
    memberOf(scope, options.member),
    span.time?.column ?? null,
    run,
  );
  let projector = new Projector(opened.layout);
  let end: Cursor = [];
  for await (const document of documentsOf(handle, opened, span, options.batchRows, run)) {
    const cursor = cursorAt(document, span.time);
    if (!cursor) continue;
    const full =
      projector.rowCount >= options.batchRows || projector.sizeBytes + document.length > options.batchBytes;
    if (full && projector.rowCount > 0) {
      yield batchOf(projector, options.digests, end);
      projector = new Projector(opened.layout);
    }
    projector.add(document);
    end = cursor;
  }
  if (projector.rowCount > 0) yield batchOf(projector, options.digests, end);
}

export function batchOf(projector: Projector, digests: boolean, end: Cursor): Batch {
  const vectors = projector.vectors();
  return {
    rowCount: projector.rowCount,
    vectors,
    digests: digests ? rowDigests(vectors, projector.rowCount) : [],
    sizeBytes: projector.sizeBytes,
    end,
  };
}

/** Documents of a span in its order: by one cursor along an index, or slice by slice, each sorted by the server. */
export async function* documentsOf(
  handle: MongoHandle,
  { ref, ordered }: Opened,
  span: Span,
  answerRows: number,
  run: RunOptions,
  projection?: Record<string, 1>,
): AsyncGenerator<Buffer> {
  const find = {
    sort: orderOf(span.time),
    batchSize: Math.max(1, Math.min(ANSWER_ROWS, answerRows)),
    ...(projection && { projection }),
  };
  if (ordered || !span.time) {
    yield* handle.raw(ref, spanFilter(span), find, run);
    return;
  }
  let { after } = span;
  for (;;) {
    const edge = await edgeOf(handle, ref, { ...span, after }, SORTED_ROWS, run);
    if (!edge) return;
    const slice = { $and: [spanFilter({ ...span, after }), { [span.time.column]: { $lte: edge.time } }] };
    let count = 0;
    let lastOne: Position | null = after;
    for await (const document of handle.raw(ref, slice, { ...find, limit: SORTED_ROWS }, run)) {
      lastOne = positionAt(document, span.time);
      count += 1;
      yield document;
    }
    if (edge.last && count < SORTED_ROWS) return;
    after = lastOne;
  }
}

/**
 * The time of the nth row from here: an index on the time alone answers it, and a sort of no more rows than that
 * (and those of the same instant) gives their order.
 */
async function edgeOf(
  handle: MongoHandle,
  ref: TableRef,
  span: Span,
  rowCount: number,
  run: RunOptions,
): Promise<{ time: unknown; last: boolean } | null> {
  const { time } = span;
  if (!time) return null;
  let found: Position | null = null;
  let count = 0;
  const find = {
    sort: { [time.column]: 1 as const },
    limit: rowCount,
    projection: { [time.column]: 1 as const },
    batchSize: rowCount,
  };
  for await (const document of handle.raw(ref, spanFilter(span), find, run)) {
    found = positionAt(document, time);
    count += 1;
  }
  return found && { time: found.time, last: count < rowCount };
}

/** Exact number and digest of the rows in scope, by reading them. */
export async function countRows(
  handle: MongoHandle,
  scope: FamilyScope,
  signal: AbortSignal,
): Promise<DigestSum[]> {
  const sums: DigestSum[] = [];
  const options = { after: null, upTo: null, batchRows: COUNT_ROWS, batchBytes: COUNT_BYTES, digests: true };
  for (const member of scope.members.keys()) {
    let sum = emptyDigest();
    for await (const batch of readRows(handle, scope, { ...options, member }, signal))
      sum = addDigests(sum, batch.digests);
    sums.push(sum);
  }
  return sums;
}

/**
 * Whole documents by key, from the primary: what is compared with must not lag behind. `majority`: only what no
 * failover can take back.
 */
export async function* documentsByKey(
  handle: MongoHandle,
  ref: TableRef,
  keys: readonly RowKey[],
  run: RunOptions,
  level?: "majority",
): AsyncGenerator<Buffer> {
  const ids = keys.flatMap(([text = ""]) => idOf(text) ?? []);
  if (ids.length === 0) return;
  const find = {
    readPreference: "primary" as const,
    batchSize: ANSWER_ROWS,
    ...(level && { readConcern: { level } }),
  };
  yield* handle.raw(ref, { [KEY_COLUMN]: { $in: ids.map(({ id }) => id) } }, find, run);
}

/** Null: no document has such a key. */
function idOf(text: string): { id: unknown } | null {
  try {
    return { id: keyValue(text) };
  } catch {
    return null;
  }
}

export async function findRows(
  handle: MongoHandle,
  member: FamilyMember,
  keys: readonly RowKey[],
  signal: AbortSignal,
): Promise<Batch> {
  const run = { signal };
  const opened = await openCollection(handle, member, null, run);
  const projector = new Projector(opened.layout);
  for await (const document of documentsByKey(handle, opened.ref, keys, run)) projector.add(document);
  return batchOf(projector, true, []);
}
