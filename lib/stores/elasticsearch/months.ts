import { addDigests, type DigestSum, emptyDigest } from "@/lib/stores/digest";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { monthEndUs, monthOf, tickFrom, usOf } from "@/lib/stores/elasticsearch/instant";
import { readRows } from "@/lib/stores/elasticsearch/read";
import { type EsScope, filtered, isEmpty, scopeOf, timeRange } from "@/lib/stores/elasticsearch/scope";
import type { FamilyScope } from "@/lib/stores/rows";
import type { MonthBucket } from "@/lib/stores/table";

/** A table over more months than this is counted in one request after the other. */
const MONTHS_AT_ONCE = 600;

interface AggregationAnswer {
  hits: { total: { value: number } | number };
  aggregations?: {
    first?: { value: number | null };
    last?: { value: number | null };
    months?: { buckets: Record<string, { doc_count: number }> };
  };
}

export async function aggregate(
  handle: EsHandle,
  expression: string,
  body: object,
  signal: AbortSignal,
  timeoutMs?: number,
): Promise<AggregationAnswer> {
  return handle.json<AggregationAnswer>({
    method: "POST",
    path: `/${expression}/_search?allow_partial_search_results=false`,
    body: { size: 0, ...body },
    signal,
    timeoutMs,
  });
}

/** Oldest and newest tick of a scope; null when it has no row. */
export async function timeSpan(
  handle: EsHandle,
  { relation, time, from, until }: EsScope,
  signal: AbortSignal,
  timeoutMs?: number,
): Promise<{ first: number; last: number } | null> {
  const field = { field: time.column };
  const { aggregations } = await aggregate(
    handle,
    relation.expression,
    {
      query: filtered(relation, [timeRange(time, from, until)]),
      aggs: { first: { min: field }, last: { max: field } },
      track_total_hits: false,
    },
    signal,
    timeoutMs,
  );
  const [first, last] = [aggregations?.first?.value ?? null, aggregations?.last?.value ?? null];
  return first === null || last === null ? null : { first: Math.floor(first), last: Math.floor(last) };
}

/** Rows per month, counted; bytes by the mean size of a document. */
export async function monthsOf(
  handle: EsHandle,
  scope: FamilyScope,
  budgetMs: number,
  signal: AbortSignal,
): Promise<{ exact: boolean; members: MonthBucket[][] }> {
  const found = await scopeOf(handle, scope, signal);
  const { relation, time, from, until } = found;
  if (isEmpty(from, until)) return { exact: true, members: [[]] };
  const timeoutMs = Math.max(1_000, budgetMs);
  const span = await timeSpan(handle, found, signal, timeoutMs);
  if (!span) return { exact: true, members: [[]] };
  const docs = relation.indices.reduce((sum, index) => sum + index.docs, 0);
  const bytes = relation.indices.reduce((sum, index) => sum + index.primaryBytes, 0);
  const buckets: MonthBucket[] = [];
  const all = [...monthsBetween(found, span)];
  for (let at = 0; at < all.length; at += MONTHS_AT_ONCE) {
    const filters = Object.fromEntries(
      all
        .slice(at, at + MONTHS_AT_ONCE)
        .map(({ month, from, until }) => [month, timeRange(time, from, until)]),
    );
    const { aggregations } = await aggregate(
      handle,
      relation.expression,
      {
        query: filtered(relation, [timeRange(time, from, until)]),
        aggs: { months: { filters: { filters } } },
        track_total_hits: false,
      },
      signal,
      timeoutMs,
    );
    for (const [month, { doc_count: rowCount }] of Object.entries(aggregations?.months?.buckets ?? {}))
      if (rowCount > 0)
        buckets.push({ month, rowCount, sizeBytes: docs > 0 ? Math.round((bytes / docs) * rowCount) : 0 });
  }
  buckets.sort((a, b) => (a.month < b.month ? -1 : 1));
  return { exact: true, members: [buckets] };
}

function* monthsBetween(
  { time }: EsScope,
  { first, last }: { first: number; last: number },
): Generator<{ month: string; from: number; until: number | null }> {
  let from = first;
  while (from <= last) {
    const month = monthOf(usOf(from, time.unit));
    const endUs = monthEndUs(month);
    const until = endUs === null ? null : tickFrom(endUs, time.unit);
    yield { month, from, until };
    if (until === null) return;
    from = until;
  }
}

/** Exact number and digest of the rows in scope: reads them all. */
export async function countRows(
  handle: EsHandle,
  scope: FamilyScope,
  signal: AbortSignal,
): Promise<DigestSum[]> {
  let sum = emptyDigest();
  const options = {
    member: 0,
    after: null,
    upTo: null,
    batchRows: 5_000,
    batchBytes: 8 << 20,
    digests: true,
  };
  for await (const batch of readRows(handle, scope, options, signal)) sum = addDigests(sum, batch.digests);
  return [sum];
}
