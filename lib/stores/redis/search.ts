import type { Cursor } from "@/lib/stores/batch";
import type { RedisHandle } from "@/lib/stores/redis/client";
import { columnsOf } from "@/lib/stores/redis/describe";
import { type EntryId, lastOfMs, msOf, rangeOf, timeUsOf, within } from "@/lib/stores/redis/entry-id";
import { AT, cursorOf, type Entry, EXTRA, ID, toVectors } from "@/lib/stores/redis/mapper";
import { idOf } from "@/lib/stores/redis/read";
import { homeOf, pages } from "@/lib/stores/redis/streams";
import type { FoundRow, RowPage, RowQuery } from "@/lib/stores/rows";
import { vectorText } from "@/lib/stores/text-form";

/** Smaller than for reading: the first rows should be there at once. */
const PAGE_BYTES = 1 << 20;
const HANG_MS = 1_000;

type Row = ReadonlyMap<string, string | null>;

/**
 * A page of matches, newest first: the stream is read backwards and compared here, for as long as there is time. Then
 * the page says where it stopped. Entries of one millisecond are in the order of their ids as text, as in every tier: so
 * they are shown when all of them were looked at.
 */
export async function searchRows(
  handle: RedisHandle,
  query: RowQuery,
  signal: AbortSignal,
): Promise<RowPage> {
  const deadline = Date.now() + query.timeoutMs;
  // A page that is on its way may arrive; a server that hangs is given up a moment later.
  const session = handle.session(signal, query.timeoutMs + HANG_MS);
  const home = await homeOf(session, query.table);
  const after = idOf(query.after);
  const whole = rangeOf(query);
  const range = whole && within(whole, null, after === null ? null : lastOfMs(after));
  const found: FoundRow[] = [];
  if (!range) return { rows: found, next: null, incomplete: false };
  const names = wantedColumns(query);
  // `_extra` is what the columns do not hold: it needs all of them.
  const all = names.includes(EXTRA) ? await columnsOf(session, { table: query.table, columns: [] }) : [];
  const match = matcher(query, [...new Set([...all, ...names])]);
  const groups = new Milliseconds(after);
  for await (const entries of pages(session, home, range, { newestFirst: true, pageBytes: PAGE_BYTES })) {
    const last = entries.at(-1)?.id;
    found.push(...groups.take(match(entries), last));
    if (found.length > query.limit) return firstOf(found, query.limit);
    // A page that ends where it began would be asked for again for ever: one more is read, within reason.
    const stuck = groups.lookedAt === null || groups.lookedAt.at(-1) === after;
    if (Date.now() >= deadline + (stuck ? query.timeoutMs : 0)) {
      return { rows: found, next: groups.lookedAt ?? query.after, incomplete: true };
    }
  }
  found.push(...groups.rest());
  return found.length > query.limit
    ? firstOf(found, query.limit)
    : { rows: found, next: null, incomplete: false };
}

function firstOf(found: readonly FoundRow[], limit: number): RowPage {
  const rows = found.slice(0, limit);
  return { rows, next: rows.at(-1)?.cursor ?? null, incomplete: false };
}

const byText = (a: FoundRow, b: FoundRow): number => ((a.key[0] ?? "") < (b.key[0] ?? "") ? 1 : -1);

/** Holds the matches of the millisecond that is being read until the next one begins. */
class Milliseconds {
  private held: FoundRow[] = [];
  private ms: bigint | null = null;
  /** Behind all that was looked at whole; null before the first. */
  lookedAt: Cursor | null = null;

  constructor(private readonly after: EntryId | null) {}

  /** Matches of one page, newest first, whose last entry is `last`; returns those that can be shown. */
  take(rows: readonly FoundRow[], last: EntryId | undefined): FoundRow[] {
    const shown: FoundRow[] = [];
    for (const row of rows) {
      const id = row.key[0] ?? "";
      if (this.isBefore(id)) continue;
      shown.push(...this.enter(msOf(id)));
      this.held.push(row);
    }
    if (last !== undefined) shown.push(...this.enter(msOf(last)));
    return shown;
  }

  rest(): FoundRow[] {
    const rows = this.held.sort(byText);
    this.held = [];
    return rows;
  }

  private enter(ms: bigint): FoundRow[] {
    if (this.ms === ms) return [];
    // All later milliseconds were looked at: going on behind the first id of the next one skips nothing of this.
    if (this.after === null || msOf(this.after) !== ms) this.lookedAt = cursorOf(`${ms + 1n}-0`);
    this.ms = ms;
    return this.rest();
  }

  /** Of the millisecond of the cursor, what stood on the page before. */
  private isBefore(id: EntryId): boolean {
    return this.after !== null && msOf(id) === msOf(this.after) && id >= this.after;
  }
}

const wantedColumns = (query: RowQuery): string[] => [
  ID,
  AT,
  ...query.textColumns,
  ...query.columns,
  ...query.equals.map(({ column }) => column),
];

function matcher(query: RowQuery, columns: readonly string[]): (entries: readonly Entry[]) => FoundRow[] {
  const terms = query.terms.map((term) => term.toLowerCase());
  return (entries) => {
    const vectors = toVectors(entries, columns);
    return entries.flatMap((entry, at) => {
      const row: Row = new Map(vectors.map((vector) => [vector.name, vectorText(vector, at)]));
      return matches(row, query, terms) ? [foundRow(entry, row, query, terms)] : [];
    });
  };
}

function matches(row: Row, { equals, textColumns }: RowQuery, terms: readonly string[]): boolean {
  if (!equals.every(({ column, value }) => row.get(column) === value)) return false;
  if (terms.length === 0) return true;
  const texts = textColumns.flatMap((name) => row.get(name)?.toLowerCase() ?? []);
  return terms.every((term) => texts.some((text) => text.includes(term)));
}

function foundRow(entry: Entry, row: Row, query: RowQuery, terms: readonly string[]): FoundRow {
  const values: Record<string, string | null> = {};
  for (const name of query.columns) values[name] = row.get(name) ?? null;
  for (const name of query.textColumns)
    values[name] = snippet(row.get(name) ?? null, terms, query.snippetChars);
  return { key: [entry.id], cursor: cursorOf(entry.id), timeUs: timeUsOf(entry.id), values };
}

/** A window of the text around the first match. */
function snippet(text: string | null, terms: readonly string[], chars: number): string | null {
  if (text === null || text.length <= chars) return text;
  const lower = text.toLowerCase();
  const first = terms.map((term) => lower.indexOf(term)).filter((at) => at >= 0);
  const at = first.length > 0 ? Math.min(...first) : 0;
  const from = Math.max(0, Math.min(at - Math.floor(chars / 4), text.length - chars));
  return text.slice(from, from + chars);
}
