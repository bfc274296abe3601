import { StoreError } from "@/lib/errors";
import type { Cursor, RowKey } from "@/lib/stores/batch";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { type EsRelation, relationOf } from "@/lib/stores/elasticsearch/describe";
import { RowsBuilder } from "@/lib/stores/elasticsearch/document";
import { statusOf } from "@/lib/stores/elasticsearch/errors";
import { compareKeys, type Hit } from "@/lib/stores/elasticsearch/hits";
import { cursorOf, usOf } from "@/lib/stores/elasticsearch/instant";
import { EsSearch, MAX_PAGE } from "@/lib/stores/elasticsearch/query";
import { byTime, filtered, keyOf, type Place, placeOf, timeRange } from "@/lib/stores/elasticsearch/scope";
import { filtersOf, highlighted } from "@/lib/stores/elasticsearch/search-query";
import { MARK, snippetOf } from "@/lib/stores/elasticsearch/snippet";
import type { FoundRow, RowPage, RowQuery } from "@/lib/stores/rows";
import { vectorText } from "@/lib/stores/text-form";

/** A highlighter gives up on longer texts (index.highlight.max_analyzed_offset): the snippet is then cut by hand. */
const ANALYZED_CHARS = 999_999;

/**
 * A page of matches, newest first, rows of one instant from the last key on. Terms are found as phrases of words, the
 * way each field's analyzer cuts them.
 */
export async function searchRows(handle: EsHandle, query: RowQuery, signal: AbortSignal): Promise<RowPage> {
  const relation = await relationOf(handle, query.table, signal);
  const search = new RowSearch(
    new EsSearch(handle, relation, signal),
    relation,
    query,
    Date.now() + query.timeoutMs,
  );
  try {
    return await (query.time ? search.byTime() : search.byKey());
  } catch (error) {
    const slow = error instanceof StoreError && error.code === "timeout" && !signal.aborted;
    if (!slow) throw error;
    return { rows: [], next: query.after, incomplete: true };
  }
}

class RowSearch {
  private readonly filters: object[];

  constructor(
    private readonly search: EsSearch,
    private readonly relation: EsRelation,
    private readonly query: RowQuery,
    private readonly deadline: number,
  ) {
    this.filters = filtersOf(relation, query);
  }

  async byTime(): Promise<RowPage> {
    const { query } = this;
    const { time, limit } = query;
    if (!time) return this.byKey();
    const found: { hit: Hit; place: Place }[] = [];
    let after = query.after && query.after[0] !== "" ? placeOf(query.after, time) : null;
    // Rows of the instant that the last page ended in come first.
    if (after) found.push(...(await this.rest(after)));
    while (found.length <= limit) {
      const size = Math.min(MAX_PAGE, limit + 1 - found.length + 10);
      const hits = await this.page(
        after ? [timeRange(time, null, after.tick)] : [{ exists: { field: time.column } }],
        size,
      );
      const last = hits.at(-1)?.tick ?? null;
      const full = hits.length === size && last !== null;
      const whole = full ? hits.filter(({ tick }) => tick !== last) : hits;
      found.push(...this.inOrder(whole));
      if (!full) break;
      if (found.length <= limit) found.push(...(await this.rest({ tick: last, key: [] }, true)));
      after = { tick: last, key: [] };
    }
    const shown = found.slice(0, limit);
    const rows = await this.rows(shown.map(({ hit }) => hit));
    const next = found.length > limit ? this.cursor(shown.at(-1)?.place) : null;
    return { rows, next, incomplete: false };
  }

  /** Without a time: by key alone, for as many as fit into one answer. */
  async byKey(): Promise<RowPage> {
    const { query } = this;
    const keys = await this.search.keys(this.filters);
    const { after } = query;
    const left = keys.reverse().filter((key) => after === null || compareKeys(key, after) < 0);
    const hits = await this.search.byKeys(left.slice(0, query.limit), this.extra());
    const next = left.length > query.limit ? (left[query.limit - 1] ?? null) : null;
    return { rows: await this.rows(hits), next, incomplete: false };
  }

  /** Rows of one instant below a key, from the last key on. */
  private async rest(at: Place, all = false): Promise<{ hit: Hit; place: Place }[]> {
    const { time, limit } = this.query;
    if (!time) return [];
    const filters = [...this.filters, timeRange(time, at.tick, at.tick + 1)];
    const keys = (await this.search.keys(filters)).reverse();
    const wanted = keys.filter((key) => all || compareKeys(key, at.key) < 0).slice(0, limit + 1);
    const hits = await this.search.byKeys(wanted, this.extra());
    return hits.map((hit) => ({
      hit: { ...hit, tick: at.tick },
      place: { tick: at.tick, key: this.key(hit) },
    }));
  }

  private async page(more: readonly object[], size: number): Promise<Hit[]> {
    const { time } = this.query;
    const body = {
      query: filtered(this.relation, [...this.filters, ...more]),
      size,
      track_total_hits: false,
      ...(time && { sort: byTime(time, "desc") }),
      ...this.extra(),
    };
    return (await this.search.page(body, undefined, Math.max(1, this.deadline - Date.now()))).hits;
  }

  /** Only the fields that are shown: a document may be many megabytes long. */
  private extra(): Record<string, unknown> {
    const { columns, textColumns, time } = this.query;
    const includes = [...new Set([...columns, ...textColumns, ...(time ? [time.column] : [])])];
    return { _source: { includes: includes.flatMap((name) => [name, `${name}.*`]) } };
  }

  private inOrder(hits: readonly Hit[]): { hit: Hit; place: Place }[] {
    return hits
      .map((hit) => ({ hit, place: { tick: hit.tick ?? 0, key: this.key(hit) } }))
      .sort((a, b) => b.place.tick - a.place.tick || compareKeys(b.place.key, a.place.key));
  }

  private async rows(hits: readonly Hit[]): Promise<FoundRow[]> {
    const { query, relation } = this;
    if (hits.length === 0) return [];
    const pieces = await this.highlights(hits);
    const builder = new RowsBuilder(relation.columns);
    for (const hit of hits) builder.add(hit);
    const vectors = new Map(builder.vectors().map((vector) => [vector.name, vector]));
    return hits.map((hit, row) => {
      const text = (name: string) => {
        const vector = vectors.get(name);
        return vector ? vectorText(vector, row) : null;
      };
      const values: Record<string, string | null> = {};
      for (const name of query.columns) values[name] = text(name);
      for (const name of query.textColumns) {
        const piece = pieces.get(`${hit.index}/${hit.id}/${name}`) ?? null;
        values[name] = snippetOf(text(name), query.terms, piece, query.snippetChars);
      }
      const { time } = query;
      const key = this.key(hit);
      return {
        key,
        cursor: time ? cursorOf(hit.tick, key, time) : key,
        timeUs: time && hit.tick !== null ? usOf(hit.tick, time.unit) : null,
        values,
      };
    });
  }

  /** The pieces around what was found, for texts in which the term does not stand letter by letter. */
  private async highlights(hits: readonly Hit[]): Promise<Map<string, string>> {
    const { query, relation } = this;
    const pieces = new Map<string, string>();
    const fields = highlighted(relation, query);
    if (query.terms.length === 0 || fields.length === 0) return pieces;
    const ids = { ids: { values: hits.map(({ id }) => id) } };
    const body = {
      query: filtered(relation, [...this.filters, ids]),
      size: Math.min(MAX_PAGE, hits.length * 2),
      track_total_hits: false,
      _source: false,
      highlight: {
        pre_tags: [MARK],
        post_tags: [MARK],
        number_of_fragments: 1,
        fragment_size: query.snippetChars,
        require_field_match: true,
        fields: Object.fromEntries(fields.map((name) => [name, {}])),
      },
    };
    for (const hit of await this.highlightPage(body))
      for (const [name, piece] of highlightsOf(hit)) pieces.set(`${hit.index}/${hit.id}/${name}`, piece);
    return pieces;
  }

  /** The two families name the limit unlike, and refuse the other's name. A page without highlights is still a page. */
  private async highlightPage(body: { highlight: object } & Record<string, unknown>): Promise<Hit[]> {
    for (const name of ["max_analyzed_offset", "max_analyzer_offset"]) {
      try {
        const highlight = { ...body.highlight, [name]: ANALYZED_CHARS };
        return (
          await this.search.page({ ...body, highlight }, undefined, Math.max(1, this.deadline - Date.now()))
        ).hits;
      } catch (error) {
        if (statusOf(error) !== 400) return [];
      }
    }
    return [];
  }

  private key = (hit: Hit): RowKey => keyOf(this.relation, hit);

  private cursor(place: Place | undefined): Cursor | null {
    const { time } = this.query;
    return place && time ? cursorOf(place.tick, place.key, time) : null;
  }
}

function highlightsOf(hit: Hit): [string, string][] {
  if (!hit.highlight) return [];
  const { start, end } = hit.highlight;
  const fields = JSON.parse(hit.scanner.bytes.toString("utf8", start, end)) as Record<string, string[]>;
  return Object.entries(fields).flatMap(([name, [piece]]): [string, string][] =>
    piece ? [[name, piece]] : [],
  );
}
