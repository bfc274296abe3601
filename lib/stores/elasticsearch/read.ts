import type { Batch, RowKey } from "@/lib/stores/batch";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { chosenColumns, type EsRelation, relationOf } from "@/lib/stores/elasticsearch/describe";
import { RowsBuilder } from "@/lib/stores/elasticsearch/document";
import { cancelledError } from "@/lib/stores/elasticsearch/errors";
import type { Hit } from "@/lib/stores/elasticsearch/hits";
import { cursorOf } from "@/lib/stores/elasticsearch/instant";
import type { EsColumn } from "@/lib/stores/elasticsearch/mapper";
import { orderedHits } from "@/lib/stores/elasticsearch/ordered";
import { EsSearch } from "@/lib/stores/elasticsearch/query";
import { isEmpty, keyOf, placeOf, scopeOf } from "@/lib/stores/elasticsearch/scope";
import { versionOf, versionOrigin } from "@/lib/stores/elasticsearch/versions";
import { rowDigests } from "@/lib/stores/row-digest";
import type { FamilyMember, FamilyScope, ReadOptions } from "@/lib/stores/rows";

/** Rows of a scope by (time, key), each once, as they were when the reading began. */
export async function* readRows(
  handle: EsHandle,
  scope: FamilyScope,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const found = await scopeOf(handle, scope, signal);
  if (isEmpty(found.from, found.until)) return;
  const { relation, time } = found;
  const columns = chosenColumns(relation, found.member.columns);
  const search = new EsSearch(handle, relation, signal);
  const walk = {
    time,
    from: found.from,
    until: found.until,
    after: options.after && placeOf(options.after, time),
    upTo: options.upTo && placeOf(options.upTo, time),
    extra: { seq_no_primary_term: options.versions === true },
  };
  const batches = new Batches(relation, columns, options, (hit) =>
    cursorOf(hit.tick, keyOf(relation, hit), time),
  );
  await search.freeze();
  try {
    for await (const hits of orderedHits(search, walk))
      for (const hit of hits) {
        const batch = batches.add(hit);
        if (!batch) continue;
        yield batch;
        if (signal.aborted) throw cancelledError();
      }
    const rest = batches.end();
    if (rest) yield rest;
  } finally {
    await search.thaw();
  }
}

/** Cuts documents into batches of so many rows and bytes. */
class Batches {
  private builder: RowsBuilder;
  private versions: string[] = [];
  private last: Hit | null = null;

  constructor(
    private readonly relation: EsRelation,
    private readonly columns: readonly EsColumn[],
    private readonly options: ReadOptions,
    private readonly cursor: (hit: Hit) => readonly string[],
  ) {
    this.builder = new RowsBuilder(columns);
  }

  /** The batch that is full with this row. */
  add(hit: Hit): Batch | null {
    this.builder.add(hit);
    this.last = hit;
    if (this.options.versions) this.versions.push(versionOf(this.relation, hit));
    const { rowCount, sizeBytes } = this.builder;
    const full = rowCount >= this.options.batchRows || sizeBytes >= this.options.batchBytes;
    return full ? this.end() : null;
  }

  end(): Batch | null {
    const { builder, last, versions } = this;
    if (!last) return null;
    this.builder = new RowsBuilder(this.columns);
    this.versions = [];
    this.last = null;
    const batch = batchOf(builder, this.options.digests, this.cursor(last));
    return this.options.versions ? { ...batch, versions: { origin: versionOrigin, rows: versions } } : batch;
  }
}

export function batchOf(builder: RowsBuilder, digests: boolean, end: readonly string[]): Batch {
  const vectors = builder.vectors();
  return {
    rowCount: builder.rowCount,
    vectors,
    digests: digests ? rowDigests(vectors, builder.rowCount) : [],
    sizeBytes: builder.sizeBytes,
    end,
  };
}

/** Whole rows by key, in the order of the keys. */
export async function findRows(
  handle: EsHandle,
  member: FamilyMember,
  keys: readonly RowKey[],
  signal: AbortSignal,
): Promise<Batch> {
  const relation = await relationOf(handle, member.table, signal);
  const builder = new RowsBuilder(chosenColumns(relation, member.columns));
  const hits = await new EsSearch(handle, relation, signal).byKeys(keys, {});
  for (const hit of hits) builder.add(hit);
  return batchOf(builder, true, hits.length > 0 ? keyOf(relation, hits.at(-1) ?? { index: "", id: "" }) : []);
}
