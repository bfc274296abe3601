import type { Document } from "mongodb";
import type { Cursor } from "@/lib/stores/batch";
import { placeOf } from "@/lib/stores/mongodb/bson";
import { END_MS, FIRST_MS } from "@/lib/stores/mongodb/cell";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import { collectionInfo, indexesOf, ordersByTime } from "@/lib/stores/mongodb/collection";
import { KEY_COLUMN } from "@/lib/stores/mongodb/layout";
import { documentsOf, memberOf, spanOf } from "@/lib/stores/mongodb/read";
import { cursorAt, type Span, spanFilter, timeUsAt } from "@/lib/stores/mongodb/scope-filter";
import { loadVendor } from "@/lib/stores/mongodb/vendor";
import type { FamilyScope, Window } from "@/lib/stores/rows";
import type { MonthBucket, TableRef, TimeColumn } from "@/lib/stores/table";

const SAMPLE_ROWS = 1_000;

/** The next slice: at most so many rows of one UTC month. Null when there is none. Reads times and keys only. */
export async function nextWindow(
  handle: MongoHandle,
  scope: FamilyScope,
  after: Cursor | null,
  maxRows: number,
  signal: AbortSignal,
): Promise<Window | null> {
  await loadVendor();
  const run = { signal };
  const ref = memberOf(scope, 0).table;
  const span = spanOf(scope, after, null);
  const indexes = await indexesOf(handle, await collectionInfo(handle, ref, run), run);
  const ordered = span.time === null || ordersByTime(indexes, span.time.column);
  const projection: Record<string, 1> = {
    [KEY_COLUMN]: 1,
    ...(span.time && { [span.time.column]: 1 as const }),
  };
  const limit = Math.max(1, Math.floor(maxRows));
  const opened = { ref, layout: [], ordered };
  const found: { end: Cursor; month: string }[] = [];
  let rowCount = 0;
  for await (const document of documentsOf(handle, opened, span, limit, run, projection)) {
    const end = cursorAt(document, span.time);
    if (!end) continue;
    const month = monthAt(document, span.time);
    if (found[0] && found[0].month !== month) break;
    found[0] = { end, month };
    rowCount += 1;
    if (rowCount >= limit) break;
  }
  const [last] = found;
  return last ? { ...last, rowCount } : null;
}

/** Rows without a time column lie in no month: they count as of one. */
const monthAt = (document: Buffer, time: TimeColumn | null): string =>
  time ? monthOf(timeUsAt(placeOf(document, time.column), time) ?? 0n) : "1970-01";

const monthOf = (us: bigint): string => {
  const ms = us / 1_000n;
  const within = ms < FIRST_MS ? FIRST_MS : ms >= END_MS ? END_MS - 1n : ms;
  return new Date(Number(within)).toISOString().slice(0, 7);
};

type Months = { exact: boolean; members: MonthBucket[][] };

/** Rows by UTC month, counted by the server; when the budget is used up, estimated from a random sample. */
export async function monthsOf(
  handle: MongoHandle,
  scope: FamilyScope,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Months> {
  await loadVendor();
  const run = { signal };
  const { table: ref } = memberOf(scope, 0);
  await collectionInfo(handle, ref, run);
  const span = spanOf(scope, null, null);
  const { averageBytes, rowCount } = await averages(handle, ref, run);
  const counted = await countedMonths(handle, ref, span, budgetMs, signal);
  const rows = counted ?? (await sampledMonths(handle, ref, span, rowCount, run));
  const buckets = rows.map((one) => ({ ...one, sizeBytes: Math.round(one.rowCount * averageBytes) }));
  return { exact: counted !== null, members: [buckets] };
}

async function averages(handle: MongoHandle, ref: TableRef, run: RunOptions) {
  const stats = await handle.command(ref.schema, { collStats: ref.name }, run).catch((): Document => ({}));
  return { averageBytes: Number(stats.avgObjSize ?? 0), rowCount: Number(stats.count ?? 0) };
}

type Counted = { month: string; rowCount: number }[];

const MS_PER: Readonly<Record<string, number>> = { s: 1_000, ms: 1, us: 0.001 };

/** The month of the time field, in the server's language. */
function monthExpression(time: TimeColumn): Document {
  const field = `$${time.column}`;
  const factor = MS_PER[time.unit];
  const date = factor === undefined ? field : { $add: [new Date(0), { $multiply: [field, factor] }] };
  return { $dateToString: { format: "%Y-%m", date } };
}

/** Null when the time was not enough. */
async function countedMonths(
  handle: MongoHandle,
  ref: TableRef,
  span: Span,
  budgetMs: number,
  signal: AbortSignal,
): Promise<Counted | null> {
  const { time } = span;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(Math.max(1, Math.floor(budgetMs)))]);
  const pipeline = [
    { $match: spanFilter(span) },
    { $group: { _id: time ? monthExpression(time) : "1970-01", n: { $sum: 1 } } },
    { $sort: { _id: 1 } },
  ];
  try {
    const groups = await handle.run({ signal: limited, timeoutMs: budgetMs + 1_000 }, (client) =>
      client
        .db(ref.schema)
        .collection(ref.name)
        .aggregate(pipeline, { maxTimeMS: Math.max(1, Math.floor(budgetMs)) })
        .toArray(),
    );
    return groups.map((group) => ({ month: String(group._id), rowCount: Number(group.n) }));
  } catch (error) {
    signal.throwIfAborted();
    if (limited.aborted || isTimeout(error)) return null;
    throw error;
  }
}

const isTimeout = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "timeout";

async function sampledMonths(
  handle: MongoHandle,
  ref: TableRef,
  span: Span,
  rowCount: number,
  run: RunOptions,
): Promise<Counted> {
  const { time } = span;
  if (!time) return [{ month: "1970-01", rowCount }];
  const pipeline = [{ $sample: { size: SAMPLE_ROWS } }, { $project: { [time.column]: 1 } }];
  const documents = await handle.run(run, (client) =>
    client.db(ref.schema).collection(ref.name).aggregate(pipeline, { raw: true }).toArray(),
  );
  const months = new Map<string, number>();
  for (const document of documents) {
    const us = Buffer.isBuffer(document) ? timeUsAt(placeOf(document, time.column), time) : null;
    if (
      us === null ||
      (span.fromUs !== null && us < span.fromUs) ||
      (span.untilUs !== null && us >= span.untilUs)
    )
      continue;
    months.set(monthOf(us), (months.get(monthOf(us)) ?? 0) + 1);
  }
  const scale = rowCount / Math.max(1, documents.length);
  return [...months]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([month, n]) => ({ month, rowCount: Math.round(n * scale) }));
}
