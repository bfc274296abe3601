import type { Document } from "mongodb";
import { asked, lackingOf, numberIn } from "@/lib/stores/mongodb/answers";
import { placeOf } from "@/lib/stores/mongodb/bson";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import {
  type CollectionInfo,
  collectionInfo,
  indexesOf,
  indexShape,
  type MongoIndex,
} from "@/lib/stores/mongodb/collection";
import { KEY_COLUMN } from "@/lib/stores/mongodb/layout";
import { spanFilter, timeOf, timeUsAt } from "@/lib/stores/mongodb/scope-filter";
import { heapBytesIn, indexBytesIn } from "@/lib/stores/mongodb/tables";
import { loadVendor } from "@/lib/stores/mongodb/vendor";
import type { Figure } from "@/lib/stores/store";
import type { TableAdvice, TableRef, TableStats, TimeColumn } from "@/lib/stores/table";

/** Longest spent on the oldest and newest row: they are a nicety, not worth a scan. */
const EDGE_MS = 400;
/** An index that nobody used for so long is worth a word. */
const UNUSED_DAYS = 7;
const DAY_MS = 86_400_000;

interface Use {
  ops: number;
  since: Date | null;
}

/** Sizes and counters of a collection as the server keeps them; each part degrades alone, with its reason. */
export async function collectionStats(
  handle: MongoHandle,
  ref: TableRef,
  time: TimeColumn | null,
  signal: AbortSignal,
): Promise<TableStats> {
  const run = { signal };
  await loadVendor();
  const info = await collectionInfo(handle, ref, run);
  const notes: string[] = [];
  const stats = await statsOf(handle, info, notes, run);
  const indexes = await indexesOf(handle, info, run);
  const uses = await indexUses(handle, info, notes, run);
  const shapes = indexes.map((index) =>
    indexShape(
      ref,
      index,
      numberIn(stats, `indexSizes/${index.name}`) ?? 0,
      uses.get(index.name)?.ops ?? null,
    ),
  );
  const column = timeOf(time);
  return {
    rowCount: numberIn(stats, "count"),
    heapBytes: heapBytesIn(stats),
    indexBytes: indexBytesIn(stats),
    toastBytes: null,
    totalBytes: heapBytesIn(stats) + indexBytesIn(stats),
    deadRows: null,
    liveRows: numberIn(stats, "count"),
    lastVacuumAt: null,
    lastAnalyzeAt: null,
    ...(column
      ? await edges(handle, ref, column, indexes, notes, signal)
      : { oldestAt: null, newestAt: null }),
    indexes: shapes,
    notes,
    figures: figuresOf(stats, uses),
    advice: [...timeIndexAdvice(info, column, indexes), ...unusedAdvice(ref, indexes, uses)],
  };
}

async function statsOf(
  handle: MongoHandle,
  info: CollectionInfo,
  notes: string[],
  run: RunOptions,
): Promise<Document> {
  if (info.kind === "view") return {};
  const { document, lacking } = await asked(handle, info.ref.schema, { collStats: info.ref.name }, run);
  if (lacking === "denied") notes.push("The right collStats is missing: sizes are not known.");
  if (lacking === "unknown") notes.push("The server does not know collStats: sizes are not known.");
  return document ?? {};
}

/** Uses per index since the server started or the index was made, on the member that answered. */
async function indexUses(
  handle: MongoHandle,
  { ref, kind }: CollectionInfo,
  notes: string[],
  run: RunOptions,
): Promise<Map<string, Use>> {
  const uses = new Map<string, Use>();
  if (kind !== "collection") return uses;
  try {
    const found = await handle.run(run, (client) =>
      client
        .db(ref.schema)
        .collection(ref.name)
        .aggregate([{ $indexStats: {} }])
        .toArray(),
    );
    for (const one of found) {
      const since: unknown = one.accesses?.since;
      const before = uses.get(String(one.name))?.ops ?? 0;
      uses.set(String(one.name), {
        ops: before + (numberIn(one, "accesses/ops") ?? 0),
        since: since instanceof Date ? since : null,
      });
    }
  } catch (error) {
    const lacking = lackingOf(error);
    if (lacking === null) throw error;
    notes.push(
      lacking === "denied"
        ? "The right indexStats is missing: which indexes are used is not known."
        : "The server does not know $indexStats: which indexes are used is not known.",
    );
  }
  return uses;
}

async function edges(
  handle: MongoHandle,
  ref: TableRef,
  time: TimeColumn,
  indexes: readonly MongoIndex[],
  notes: string[],
  signal: AbortSignal,
): Promise<{ oldestAt: string | null; newestAt: string | null }> {
  if (!indexes.some(({ fields }) => fields[0] === time.column))
    notes.push(`No index begins with ${time.column}: the oldest and newest document may not be known.`);
  const edge = async (direction: 1 | -1): Promise<string | null> => {
    const find = {
      sort: { [time.column]: direction },
      limit: 1,
      projection: { [time.column]: 1 as const, [KEY_COLUMN]: 0 as const },
      maxTimeMS: EDGE_MS,
    };
    const filter = spanFilter({ time, fromUs: null, untilUs: null, after: null, upTo: null });
    for await (const document of handle.raw(ref, filter, find, { signal, timeoutMs: EDGE_MS * 2 })) {
      const us = timeUsAt(placeOf(document, time.column), time);
      return us === null ? null : new Date(Number(us / 1_000n)).toISOString();
    }
    return null;
  };
  try {
    return { oldestAt: await edge(1), newestAt: await edge(-1) };
  } catch (error) {
    signal.throwIfAborted();
    if (lackingOf(error) === null && !isTimeout(error)) throw error;
    return { oldestAt: null, newestAt: null };
  }
}

const isTimeout = (error: unknown): boolean =>
  typeof error === "object" && error !== null && "code" in error && error.code === "timeout";

/** Bytes inside the collection's file that new documents will use before it grows: what compact gives back. */
export const reusableBytesIn = (stats: Document): number | null =>
  numberIn(stats, "wiredTiger/block-manager/file bytes available for reuse") ??
  numberIn(stats, "freeStorageSize");

function figuresOf(stats: Document, uses: ReadonlyMap<string, Use>): Figure[] {
  const figures: Figure[] = [
    { key: "mongoDocumentBytes", value: numberIn(stats, "size"), unit: "bytes" },
    { key: "mongoAverageBytes", value: numberIn(stats, "avgObjSize"), unit: "bytes" },
    { key: "mongoReusableBytes", value: reusableBytesIn(stats), unit: "bytes" },
    {
      key: "mongoUnusedIndexes",
      value: uses.size === 0 ? null : [...uses.values()].filter(({ ops }) => ops === 0).length,
      unit: "count",
    },
  ];
  return figures;
}

function timeIndexAdvice(
  info: CollectionInfo,
  time: TimeColumn | null,
  indexes: readonly MongoIndex[],
): TableAdvice[] {
  if (!time || info.kind !== "collection") return [];
  const leading = indexes.filter(({ fields, whole }) => whole && fields[0] === time.column);
  if (leading.some(({ fields }) => fields[1] === KEY_COLUMN)) return [];
  const statement = `db.getCollection(${JSON.stringify(info.ref.name)}).createIndex({ ${JSON.stringify(time.column)}: 1, "_id": 1 })`;
  const key = leading.length > 0 ? "mongoTimeIndexShort" : "mongoNoTimeIndex";
  return [
    {
      key,
      worth: leading.length > 0 ? "maybe" : "yes",
      details: { column: time.column },
      action: null,
      statements: [statement],
    },
  ];
}

/** Indexes that were not used for a week or more, on this member: another may use them. Those that keep keys unique stay. */
function unusedAdvice(
  ref: TableRef,
  indexes: readonly MongoIndex[],
  uses: ReadonlyMap<string, Use>,
): TableAdvice[] {
  return indexes.flatMap((index): TableAdvice[] => {
    const use = uses.get(index.name);
    const days = use?.since ? Math.floor((Date.now() - use.since.getTime()) / DAY_MS) : 0;
    if (!use || use.ops > 0 || index.unique || days < UNUSED_DAYS || "expireAfterSeconds" in index.spec)
      return [];
    const statement = `db.getCollection(${JSON.stringify(ref.name)}).dropIndex(${JSON.stringify(index.name)})`;
    return [
      {
        key: "mongoUnusedIndex",
        worth: "maybe",
        details: { index: index.name, days },
        action: null,
        statements: [statement],
      },
    ];
  });
}
