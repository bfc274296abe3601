import type { RedisHandle } from "@/lib/stores/redis/client";
import { columnsOf } from "@/lib/stores/redis/describe";
import { below, type EntryId, rangeOf, timeUsOf } from "@/lib/stores/redis/entry-id";
import { AT, cursorOf, type Entry, EXTRA, ID, toVectors } from "@/lib/stores/redis/mapper";
import { idOf } from "@/lib/stores/redis/read";
import { homeOf, pages } from "@/lib/stores/redis/streams";
import type { FoundRow, RowPage, RowQuery } from "@/lib/stores/store";
import { vectorText } from "@/lib/stores/text-form";

/** Smaller than for reading: the first rows should be there at once. */
const PAGE_BYTES = 1 << 20;

type Row = ReadonlyMap<string, string | null>;

/**
 * A page of matches, newest first: the stream is read backwards and compared here, for as long as there is time. Then
 * the page says where it stopped.
 */
export async function searchRows(
  handle: RedisHandle,
  query: RowQuery,
  signal: AbortSignal,
): Promise<RowPage> {
  const deadline = Date.now() + query.timeoutMs;
  const session = handle.session(signal, Math.max(1, query.timeoutMs));
  const home = await homeOf(session, query.table);
  const whole = rangeOf(query);
  const range = whole && below(whole, idOf(query.after));
  const found: FoundRow[] = [];
  if (!range) return { rows: found, next: null, incomplete: false };
  const names = wantedColumns(query);
  // `_extra` is what the columns do not hold: it needs all of them.
  const all = names.includes(EXTRA) ? await columnsOf(session, { table: query.table, columns: [] }) : [];
  const match = matcher(query, [...new Set([...all, ...names])]);
  let looked: EntryId | null = idOf(query.after);
  for await (const entries of pages(session, home, range, { newestFirst: true, pageBytes: PAGE_BYTES })) {
    for (const row of match(entries)) {
      if (found.length === query.limit)
        return { rows: found, next: found.at(-1)?.cursor ?? null, incomplete: false };
      found.push(row);
    }
    looked = entries.at(-1)?.id ?? looked;
    if (Date.now() >= deadline && looked !== null) {
      return { rows: found, next: cursorOf(looked), incomplete: true };
    }
  }
  return { rows: found, next: null, incomplete: false };
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
