import type { Cursor, RowKey } from "@/lib/stores/batch";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { compareKeys } from "@/lib/stores/elasticsearch/hits";
import { cursorOf, monthEndUs, monthOf, tickFrom, usOf } from "@/lib/stores/elasticsearch/instant";
import { EsSearch, MAX_PAGE } from "@/lib/stores/elasticsearch/query";
import {
  byTime,
  type EsScope,
  filtered,
  isEmpty,
  type Place,
  placeOf,
  scopeOf,
  timeRange,
} from "@/lib/stores/elasticsearch/scope";
import type { FamilyScope, Window } from "@/lib/stores/rows";

/**
 * The next slice: at most `maxRows` rows of one UTC month. Asks for times alone, and for keys only of the instant that
 * it begins in and of the one that it ends in.
 */
export async function nextWindow(
  handle: EsHandle,
  scope: FamilyScope,
  after: Cursor | null,
  maxRows: number,
  signal: AbortSignal,
): Promise<Window | null> {
  const found = await scopeOf(handle, scope, signal);
  if (isEmpty(found.from, found.until)) return null;
  const search = new EsSearch(handle, found.relation, signal);
  return new Slicer(search, found, Math.max(1, Math.floor(maxRows))).slice(
    after && placeOf(after, found.time),
  );
}

class Slicer {
  constructor(
    private readonly search: EsSearch,
    private readonly scope: EsScope,
    private readonly maxRows: number,
  ) {}

  async slice(after: Place | null): Promise<Window | null> {
    const { maxRows } = this;
    const begun = after
      ? (await this.keysAt(after.tick)).filter((key) => compareKeys(key, after.key) > 0)
      : [];
    if (after && begun.length >= maxRows) return this.window(after.tick, begun[maxRows - 1] ?? [], maxRows);
    const from = after ? Math.max(after.tick + 1, this.scope.from ?? after.tick + 1) : this.scope.from;
    const first = begun.length > 0 && after ? after.tick : (await this.times(from, this.scope.until, 1))[0];
    if (first === undefined) return null;
    const until = this.monthEnd(first);
    const room = maxRows - begun.length;
    const times = isEmpty(from, until) ? [] : (await this.allTimes(from, until, room + 1)).slice(0, room + 1);
    const end = times.length > room ? this.lastWhole(times) : times.at(-1);
    if (end !== undefined) return this.upTo(end, begun.length + times.filter((time) => time < end).length);
    if (after && begun.length > 0) return this.window(after.tick, begun.at(-1) ?? [], begun.length);
    // One instant has more rows than fit.
    const keys = await this.keysAt(first);
    const count = Math.min(maxRows, keys.length);
    return count === 0 ? null : this.window(first, keys[count - 1] ?? [], count);
  }

  /** The last instant of which every row is among those times, when there is one. */
  private lastWhole(times: readonly number[]): number | undefined {
    const cut = times.at(-1) ?? 0;
    return times.findLast((time) => time < cut);
  }

  private async upTo(tick: number, before: number): Promise<Window | null> {
    const keys = await this.keysAt(tick);
    // Rows may have come to this instant, or gone, since its times were read.
    return this.window(tick, keys.at(-1) ?? [], before + keys.length);
  }

  private window(tick: number, key: RowKey, rowCount: number): Window {
    const { time } = this.scope;
    return { end: cursorOf(tick, key, time), rowCount, month: monthOf(usOf(tick, time.unit)) };
  }

  private monthEnd(tick: number): number | null {
    const { time, until } = this.scope;
    const us = monthEndUs(monthOf(usOf(tick, time.unit)));
    const end = us === null ? null : tickFrom(us, time.unit);
    if (end === null || until === null) return end ?? until;
    return Math.min(end, until);
  }

  private keysAt(tick: number): Promise<RowKey[]> {
    return this.search.keys([timeRange(this.scope.time, tick, tick + 1)]);
  }

  /** At least `count` times in order, or all there are. */
  private async allTimes(from: number | null, until: number | null, count: number): Promise<number[]> {
    let times: number[] = [];
    let at = from;
    while (times.length < count) {
      const wanted = Math.min(MAX_PAGE, count - times.length + 1);
      const page = await this.times(at, until, wanted);
      if (page.length < wanted) return times.concat(page);
      const last = page.at(-1) ?? 0;
      const whole = page.filter((time) => time < last);
      if (whole.length === 0) {
        const here = (await this.keysAt(last)).length;
        times = times.concat(Array.from({ length: here }, () => last));
        at = last + 1;
      } else {
        if (times.length + page.length >= count) return times.concat(page);
        times = times.concat(whole);
        at = last;
      }
    }
    return times;
  }

  private async times(from: number | null, until: number | null, size: number): Promise<number[]> {
    const { time, relation } = this.scope;
    const { hits } = await this.search.page({
      query: filtered(relation, [timeRange(time, from, until)]),
      size,
      sort: byTime(time, "asc"),
      _source: false,
      stored_fields: "_none_",
      track_total_hits: false,
    });
    return hits.flatMap(({ tick }) => (tick === null ? [] : [tick]));
  }
}
