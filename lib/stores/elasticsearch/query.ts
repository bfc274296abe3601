import type { RowKey } from "@/lib/stores/batch";
import { type EsHandle, TooLong } from "@/lib/stores/elasticsearch/client";
import type { EsRelation } from "@/lib/stores/elasticsearch/describe";
import { statusOf, typeOf } from "@/lib/stores/elasticsearch/errors";
import { compareKeys, type Hit, type HitPage, parseHits } from "@/lib/stores/elasticsearch/hits";
import { filtered, keyOf } from "@/lib/stores/elasticsearch/scope";

/** Elasticsearch and OpenSearch name a point in time each in its own way. */
type PitFlavour = "elasticsearch" | "opensearch" | "none";
const flavours = new WeakMap<EsHandle, PitFlavour>();

const PIT_KEEP = "3m";
const SCROLL_KEEP = "1m";
/** Most documents of one answer (index.max_result_window). */
export const MAX_PAGE = 10_000;
/** How often a page is asked for whose point in time is gone. */
const TRIES = 3;
/** Documents asked for by id in one request. */
const BY_ID_PAGE = 500;

/** Searches of one table, at one point in time where the server has such. */
export class EsSearch {
  private pitId: string | null = null;

  constructor(
    readonly handle: EsHandle,
    readonly relation: EsRelation,
    readonly signal: AbortSignal,
  ) {}

  /** From now on every search sees the table as it is at this moment. A server that cannot goes on as it is. */
  async freeze(): Promise<void> {
    const known = flavours.get(this.handle);
    for (const flavour of known ? [known] : (["elasticsearch", "opensearch", "none"] as const)) {
      if (flavour === "none") {
        flavours.set(this.handle, flavour);
        return;
      }
      const pitId = await this.openPit(flavour);
      if (pitId === null) continue;
      flavours.set(this.handle, flavour);
      this.pitId = pitId;
      return;
    }
  }

  /** Lets go of the point in time. Never fails: the server forgets it by itself. */
  async thaw(): Promise<void> {
    const { pitId } = this;
    this.pitId = null;
    if (pitId === null) return;
    const isElastic = flavours.get(this.handle) === "elasticsearch";
    await this.handle
      .bytes({
        method: "DELETE",
        path: isElastic ? "/_pit" : "/_search/point_in_time",
        body: isElastic ? { id: pitId } : { pit_id: [pitId] },
        signal: AbortSignal.timeout(5_000),
      })
      .catch(() => undefined);
  }

  /** One page. Throws TooLong beyond `maxBytes`. A search that only some shards answered is an error, never a page. */
  async page(
    body: Record<string, unknown>,
    maxBytes?: number,
    timeoutMs?: number,
  ): Promise<HitPage & { bytes: number }> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.send(body, maxBytes, timeoutMs);
      } catch (error) {
        if (this.pitId !== null && attempt < TRIES && isContextGone(error)) {
          this.pitId = null;
          await this.freeze();
        } else throw error;
      }
    }
  }

  /** Keys of all documents that match, in key order. */
  async keys(filters: readonly object[]): Promise<RowKey[]> {
    const query = filtered(this.relation, filters);
    const first = await this.page({
      query,
      size: MAX_PAGE,
      _source: false,
      track_total_hits: false,
      sort: ["_doc"],
    });
    const hits = first.hits.length < MAX_PAGE ? first.hits : await this.scrolled(query);
    return hits.map((hit) => keyOf(this.relation, hit)).sort(compareKeys);
  }

  /** Documents by key, in the order of the keys; those that are not there, or do not match, are left out. */
  async byKeys(
    keys: readonly RowKey[],
    extra: Record<string, unknown>,
    filters: readonly object[] = [],
  ): Promise<Hit[]> {
    const found = new Map<string, Hit>();
    for (let from = 0; from < keys.length; from += BY_ID_PAGE)
      for (const hit of await this.someByKeys(keys.slice(from, from + BY_ID_PAGE), extra, filters))
        found.set(idOf(keyOf(this.relation, hit)), hit);
    return keys.flatMap((key) => found.get(idOf(key)) ?? []);
  }

  private async someByKeys(
    keys: readonly RowKey[],
    extra: Record<string, unknown>,
    filters: readonly object[],
  ): Promise<Hit[]> {
    const indices = this.relation.withIndex ? [...new Set(keys.map(([index = ""]) => index))] : [];
    const query = filtered(this.relation, [
      { ids: { values: keys.map((key) => key.at(-1) ?? "") } },
      ...(indices.length > 0 ? [{ terms: { _index: indices } }] : []),
      ...filters,
    ]);
    const size = Math.min(MAX_PAGE, keys.length * Math.max(2, indices.length));
    try {
      const maxBytes = keys.length === 1 ? undefined : MAX_BYTES;
      return (await this.page({ query, size, track_total_hits: false, sort: ["_doc"], ...extra }, maxBytes))
        .hits;
    } catch (error) {
      if (!(error instanceof TooLong) || keys.length === 1) throw error;
      const half = keys.length >> 1;
      const head = await this.someByKeys(keys.slice(0, half), extra, filters);
      return [...head, ...(await this.someByKeys(keys.slice(half), extra, filters))];
    }
  }

  private async scrolled(query: object): Promise<Hit[]> {
    const hits: Hit[] = [];
    let scrollId: string | null = null;
    try {
      for (;;) {
        const page: HitPage = parseHits(
          await this.handle.bytes({
            method: "POST",
            path: scrollId
              ? "/_search/scroll"
              : `/${this.relation.expression}/_search?scroll=${SCROLL_KEEP}&allow_partial_search_results=false`,
            body: scrollId
              ? { scroll: SCROLL_KEEP, scroll_id: scrollId }
              : { query, size: MAX_PAGE, _source: false, sort: ["_doc"] },
            signal: this.signal,
          }),
        );
        scrollId = page.scrollId ?? scrollId;
        for (const hit of page.hits) hits.push(hit);
        if (page.hits.length === 0) return hits;
      }
    } finally {
      if (scrollId)
        await this.handle
          .bytes({
            method: "DELETE",
            path: "/_search/scroll",
            body: { scroll_id: scrollId },
            signal: AbortSignal.timeout(5_000),
          })
          .catch(() => undefined);
    }
  }

  private async send(
    body: Record<string, unknown>,
    maxBytes: number | undefined,
    timeoutMs: number | undefined,
  ): Promise<HitPage & { bytes: number }> {
    const where = this.pitId ? "" : `/${this.relation.expression}`;
    const bytes = await this.handle.bytes({
      method: "POST",
      path: `${where}/_search?allow_partial_search_results=false`,
      body: { ...body, ...(this.pitId && { pit: { id: this.pitId, keep_alive: PIT_KEEP } }) },
      signal: this.signal,
      maxBytes,
      timeoutMs,
    });
    const page = parseHits(bytes);
    if (this.pitId && page.pitId) this.pitId = page.pitId;
    return { ...page, bytes: bytes.length };
  }

  private async openPit(flavour: PitFlavour): Promise<string | null> {
    const api = flavour === "elasticsearch" ? "_pit" : "_search/point_in_time";
    try {
      const answer = await this.handle.json<{ id?: string; pit_id?: string }>({
        method: "POST",
        path: `/${this.relation.expression}/${api}?keep_alive=${PIT_KEEP}`,
        signal: this.signal,
      });
      return answer.id ?? answer.pit_id ?? null;
    } catch (error) {
      // A missing index is 404 with a type of its own; anything else of these means that the server has no such API.
      if ([400, 403, 405, 501].includes(statusOf(error) ?? 0)) return null;
      throw error;
    }
  }
}

/** Longest answer that is kept in memory, unless a single document is longer. */
export const MAX_BYTES = 48 << 20;

export const idOf = (key: RowKey): string => JSON.stringify(key);

/** After a restart of a node, or when reading paused for long: the next page opens a new point in time. */
const isContextGone = (error: unknown): boolean =>
  typeOf(error) === "search_context_missing_exception" ||
  (statusOf(error) === 404 && typeOf(error) !== "index_not_found_exception");
