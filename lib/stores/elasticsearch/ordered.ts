import type { EsIndex } from "@/lib/stores/elasticsearch/catalogue";
import { TooLong } from "@/lib/stores/elasticsearch/client";
import { compareKeys, type Hit } from "@/lib/stores/elasticsearch/hits";
import { type EsSearch, MAX_BYTES } from "@/lib/stores/elasticsearch/query";
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
const MOST_PAGE = 5_000;
const TARGET_BYTES = 8 << 20;
/** Documents of one instant that are fetched by key at once. */
const SLICE = 200;

/**
 * Documents by (time, key), each once. The server orders by time alone; rows of one instant are put in order here, which
 * is why a page ends before the last instant it touches. The place after a row is all that is needed to go on: no cursor
 * of the server has to live. While a page is used the next one is fetched.
 */
export async function* orderedHits(search: EsSearch, walk: Walk): AsyncGenerator<Hit[]> {
  const pages = new Pages(search, walk);
  let at = walk.after ? Math.max(walk.after.tick, walk.from ?? walk.after.tick) : walk.from;
  let next = pages.fetch(at);
  for (;;) {
    const { hits, full } = await next;
    if (!full) {
      yield inOrder(search, walk, hits);
      return;
    }
    const last = hits.at(-1)?.tick ?? 0;
    const whole = hits.filter(({ tick }) => tick !== last);
    if (whole.length === 0) {
      yield* oneInstant(search, walk, last);
      at = last + 1;
    } else at = last;
    next = pages.fetch(at);
    next.catch(() => undefined); // its failure is told when it is waited for
    if (whole.length > 0) yield inOrder(search, walk, whole);
  }
}

/** Pages whose size follows the size of the documents. */
class Pages {
  private size: number;

  constructor(
    private readonly search: EsSearch,
    private readonly walk: Walk,
  ) {
    this.size = firstPage(search.relation.indices);
  }

  async fetch(from: number | null): Promise<{ hits: Hit[]; full: boolean }> {
    const { time, extra, upTo } = this.walk;
    const until = least(this.walk.until, upTo && upTo.tick + 1);
    if (from !== null && until !== null && from >= until) return { hits: [], full: false };
    const query = filtered(this.search.relation, [timeRange(time, from, until)]);
    for (;;) {
      const { size } = this;
      const body = { query, size, sort: byTime(time, "asc"), track_total_hits: false, ...extra };
      try {
        const { hits, bytes } = await this.search.page(body, size === 1 ? undefined : MAX_BYTES);
        if (hits.length > 0) this.adapt(bytes / hits.length);
        return { hits, full: hits.length === size };
      } catch (error) {
        if (!(error instanceof TooLong)) throw error;
        this.size = Math.max(1, size >> 2);
      }
    }
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
