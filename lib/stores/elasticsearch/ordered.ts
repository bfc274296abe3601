import type { EsIndex } from "@/lib/stores/elasticsearch/catalogue";
import { TooLong } from "@/lib/stores/elasticsearch/client";
import { compareKeys, type Hit } from "@/lib/stores/elasticsearch/hits";
import { type EsSearch, MAX_BYTES, MAX_PAGE } from "@/lib/stores/elasticsearch/query";
import { byTime, filtered, keyOf, type Place, timeRange } from "@/lib/stores/elasticsearch/scope";
import type { TimeColumn } from "@/lib/stores/table";

export interface Walk {
  time: TimeColumn;
  from: number | null;
  until: number | null;
  after: Place | null;
  /** Up to and including. */
  upTo: Place | null;
  /** What else a search asks for: source, versions. */
  extra: Record<string, unknown>;
}

const FIRST_PAGE = { least: 16, most: 2_000 } as const;
/** How much smaller documents are on disk than in an answer, at most. */
const COMPRESSION = 6;
const MOST_PAGE = 3_000;
const TARGET_BYTES = 6 << 20;
/** Documents of one instant that are fetched by key at once. */
const SLICE = 200;

/** Ranges that are fetched at once: the server prepares the next ones while this one is used. */
const AHEAD = 2;

/** Instants that hold about a page of rows together. */
interface Range {
  from: number | null;
  until: number | null;
  /** How many rows there should be. */
  count: number;
}

interface Page {
  hits: Hit[];
  full: boolean;
}

/**
 * Documents by (time, key), each once. The server orders by time alone; rows of one instant are put in order here, which
 * is why ranges begin and end between instants. The place after a row is all that is needed to go on: no cursor of the
 * server has to live.
 */
export async function* orderedHits(search: EsSearch, walk: Walk): AsyncGenerator<Hit[]> {
  const pages = new Pages(search, walk);
  const ranges = pages.ranges();
  const running: { range: Range; first: Promise<Page> }[] = [];
  const start = async () => {
    const { value: range } = await ranges.next();
    if (!range) return;
    const first = pages.fetch(range.from, range.until, range.count + 1);
    first.catch(() => undefined); // its failure is told when it is waited for
    running.push({ range, first });
  };
  await start();
  for (;;) {
    while (running.length > 0 && running.length < AHEAD) {
      const before = running.length;
      await start();
      if (running.length === before) break;
    }
    const next = running.shift();
    if (!next) return;
    const page = await next.first;
    await start();
    yield* wholeRange(search, walk, pages, next.range, page);
  }
}

/** All rows of a range, page by page should there be more than were counted. */
async function* wholeRange(
  search: EsSearch,
  walk: Walk,
  pages: Pages,
  { until }: Range,
  first: Page,
): AsyncGenerator<Hit[]> {
  let { hits, full } = first;
  while (full) {
    const last = hits.at(-1)?.tick ?? 0;
    const whole = hits.filter(({ tick }) => tick !== last);
    if (whole.length === 0) yield* oneInstant(search, walk, last);
    else yield inOrder(search, walk, whole);
    ({ hits, full } = await pages.fetch(whole.length === 0 ? last + 1 : last, until, pages.size));
  }
  if (hits.length > 0) yield inOrder(search, walk, hits);
}

/** Pages whose size follows the size of the documents. */
class Pages {
  size: number;
  private readonly from: number | null;
  private readonly until: number | null;

  constructor(
    private readonly search: EsSearch,
    private readonly walk: Walk,
  ) {
    this.size = firstPage(search.relation.indices);
    const { after, from, upTo, until } = walk;
    this.from = after ? Math.max(after.tick, from ?? after.tick) : from;
    this.until = least(until, upTo && upTo.tick + 1);
  }

  /** Ranges of about a page each, one after the other, from the times alone. */
  async *ranges(): AsyncGenerator<Range> {
    let at = this.from;
    for (;;) {
      const ticks = await this.times(at);
      const more = ticks.length === MAX_PAGE;
      const cut = ticks.at(-1) ?? 0;
      // The last instant may go on beyond what was asked for.
      const known = more ? ticks.indexOf(cut) : ticks.length;
      let begin = 0;
      while (begin < known) {
        let end = Math.min(known, begin + this.size);
        while (end < known && ticks[end] === ticks[end - 1]) end += 1;
        const until = end < ticks.length ? (ticks[end] ?? null) : this.until;
        yield { from: at, until, count: end - begin };
        at = until;
        begin = end;
      }
      if (!more) return;
      if (known > 0) continue;
      yield { from: at, until: cut + 1, count: MAX_PAGE - 1 };
      at = cut + 1;
    }
  }

  async fetch(from: number | null, until: number | null, count: number): Promise<Page> {
    if (from !== null && until !== null && from >= until) return { hits: [], full: false };
    const { time, extra } = this.walk;
    const query = filtered(this.search.relation, [timeRange(time, from, until)]);
    for (let size = Math.min(count, MAX_PAGE); ; ) {
      const body = { query, size, sort: byTime(time, "asc"), track_total_hits: false, ...extra };
      try {
        const { hits, bytes } = await this.search.page(body, size === 1 ? undefined : MAX_BYTES);
        if (hits.length > 0) this.adapt(bytes / hits.length);
        return { hits, full: hits.length === size };
      } catch (error) {
        if (!(error instanceof TooLong)) throw error;
        size = Math.max(1, size >> 2);
        this.size = size;
      }
    }
  }

  private async times(from: number | null): Promise<number[]> {
    const { time } = this.walk;
    if (from !== null && this.until !== null && from >= this.until) return [];
    const { hits } = await this.search.page({
      query: filtered(this.search.relation, [timeRange(time, from, this.until)]),
      size: MAX_PAGE,
      sort: byTime(time, "asc"),
      _source: false,
      stored_fields: "_none_",
      track_total_hits: false,
    });
    return hits.map(({ tick }) => tick ?? 0);
  }

  private adapt(meanBytes: number): void {
    const fitting = Math.floor(TARGET_BYTES / Math.max(1, meanBytes));
    this.size = Math.max(1, Math.min(MOST_PAGE, this.size * 8, fitting));
  }
}

/** By the mean size of the documents, as the statistics have it. */
function firstPage(indices: readonly EsIndex[]): number {
  const docs = indices.reduce((sum, index) => sum + index.docs, 0);
  const bytes = indices.reduce((sum, index) => sum + index.primaryBytes, 0);
  if (docs === 0) return FIRST_PAGE.least;
  const fitting = Math.floor(TARGET_BYTES / (Math.max(100, bytes / docs) * COMPRESSION));
  return Math.max(FIRST_PAGE.least, Math.min(FIRST_PAGE.most, fitting));
}

/** More rows of one instant than a page holds: their keys are fetched and put in order, then the rows. */
async function* oneInstant(search: EsSearch, walk: Walk, tick: number): AsyncGenerator<Hit[]> {
  const filters = [timeRange(walk.time, tick, tick + 1)];
  const keys = (await search.keys(filters)).filter((key) => isInside(walk, { tick, key }));
  for (let from = 0; from < keys.length; from += SLICE) {
    const hits = await search.byKeys(keys.slice(from, from + SLICE), walk.extra, filters);
    yield hits.map((hit) => ({ ...hit, tick }));
  }
}

function inOrder(search: EsSearch, walk: Walk, hits: readonly Hit[]): Hit[] {
  const keyed = hits.map((hit) => ({ hit, tick: hit.tick ?? 0, key: keyOf(search.relation, hit) }));
  return keyed
    .filter((one) => isInside(walk, one))
    .sort(comparePlaces)
    .map(({ hit }) => hit);
}

export const comparePlaces = (a: Place, b: Place): number => a.tick - b.tick || compareKeys(a.key, b.key);

const isInside = ({ after, upTo }: Walk, place: Place): boolean =>
  (after === null || comparePlaces(place, after) > 0) && (upTo === null || comparePlaces(place, upTo) <= 0);

function least(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
