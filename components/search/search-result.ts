import {
  compareSearchRows,
  type SearchEvent,
  type SearchRow,
  type SearchRowId,
  searchRowId,
} from "@/lib/schemas/search";

export type TierEvent = Extract<SearchEvent, { type: "tier" }>;

/** What has come so far of one page of results. */
export interface SearchResult {
  rows: ReadonlyMap<SearchRowId, SearchRow>;
  /** By dataset and tier, in the order they were first heard of. */
  tiers: ReadonlyMap<string, TierEvent>;
  /** Once all has come: the rows of the page in order. */
  order: readonly SearchRowId[] | null;
  next: string | null;
}

export const NO_RESULT: SearchResult = { rows: new Map(), tiers: new Map(), order: null, next: null };

/** Adds what one event tells. A row that comes again replaces itself. */
export function applyEvent(result: SearchResult, event: SearchEvent): SearchResult {
  if (event.type === "rows") {
    const rows = new Map(result.rows);
    for (const row of event.rows) rows.set(searchRowId(row), row);
    return { ...result, rows };
  }
  if (event.type === "tier") {
    const tiers = new Map(result.tiers);
    tiers.set(`${event.tier} ${event.dataset}`, event);
    return { ...result, tiers };
  }
  return { ...result, order: event.rows, next: event.next };
}

/** The rows in order: as the server ends the page, before that as `compareSearchRows` has them. */
export function rowsInOrder(result: SearchResult): SearchRow[] {
  if (result.order === null) return [...result.rows.values()].sort(compareSearchRows);
  return result.order.flatMap((id) => result.rows.get(id) ?? []);
}

/**
 * The rows to show. While the list is held (somebody points at it) what was shown stays where it is: rows that
 * belong behind are added, rows that belong between wait and are counted.
 */
export function settleRows(
  shown: readonly SearchRow[],
  rows: readonly SearchRow[],
  held: boolean,
): { rows: readonly SearchRow[]; waiting: number } {
  if (!held || shown.length === 0) return { rows, waiting: 0 };
  const ids = new Set(shown.map(searchRowId));
  const last = shown[shown.length - 1];
  const fresh = rows.filter((row) => !ids.has(searchRowId(row)));
  const behind = fresh.filter((row) => last && compareSearchRows(row, last) > 0);
  if (fresh.length === 0) return { rows: shown, waiting: 0 };
  return { rows: [...shown, ...behind], waiting: fresh.length - behind.length };
}
