import { TIERS, type Tier } from "@/lib/schemas/dataset";
import { instantSchema } from "@/lib/schemas/page";
import type { SearchQuery } from "@/lib/schemas/search";

export const WORD_FILTERS = ["user", "model", "status", "tenant"] as const;
export type WordFilter = (typeof WORD_FILTERS)[number];

/** What the address of the search page says. Empty text and empty lists: not set. Times are half-open instants. */
export type SearchState = Record<WordFilter, string> & {
  q: string;
  datasetIds: string[];
  tiers: Tier[];
  from: string;
  until: string;
  cursor: string;
};

const isTier = (text: string): text is Tier => TIERS.some((tier) => tier === text);
const instant = (text: string | null): string => (text && instantSchema.safeParse(text).success ? text : "");

/** Reads an address; what does not fit is left out rather than refused. */
export function parseSearchState(params: URLSearchParams): SearchState {
  const word = (name: string) => (params.get(name) ?? "").slice(0, 200);
  const tiers = [...new Set(params.getAll("tier").filter(isTier))];
  return {
    q: (params.get("q") ?? "").slice(0, 500),
    datasetIds: [...new Set(params.getAll("dataset").filter(Boolean))].slice(0, 200),
    // All of them is the same as none named.
    tiers: tiers.length === TIERS.length ? [] : tiers,
    user: word("user"),
    model: word("model"),
    status: word("status"),
    tenant: word("tenant"),
    from: instant(params.get("from")),
    until: instant(params.get("until")),
    cursor: params.get("cursor") ?? "",
  };
}

/** The address of a state. A change of anything but the cursor should drop the cursor. */
export function searchHref(state: SearchState): string {
  const params = new URLSearchParams();
  if (state.q) params.set("q", state.q);
  for (const datasetId of state.datasetIds) params.append("dataset", datasetId);
  for (const tier of state.tiers) params.append("tier", tier);
  for (const name of [...WORD_FILTERS, "from", "until", "cursor"] as const)
    if (state[name]) params.set(name, state[name]);
  const query = params.toString();
  return query ? `/search?${query}` : "/search";
}

/** Whether anything narrows the search; without it nothing is asked. */
export const isEmptySearch = (state: SearchState): boolean =>
  !state.q.trim() && !state.from && !state.until && WORD_FILTERS.every((name) => !state[name].trim());

/** What is asked of the server. */
export const toQuery = (state: SearchState): SearchQuery => ({
  q: state.q,
  datasetIds: state.datasetIds.length > 0 ? state.datasetIds : undefined,
  tiers: state.tiers.length > 0 ? state.tiers : undefined,
  user: state.user || undefined,
  model: state.model || undefined,
  status: state.status || undefined,
  tenant: state.tenant || undefined,
  from: state.from || undefined,
  until: state.until || undefined,
  cursor: state.cursor || undefined,
});

/** The tiers after one was switched: never none, and all of them is none named. */
export function toggleTier(tiers: readonly Tier[], tier: Tier): Tier[] {
  const on = tiers.length === 0 ? [...TIERS] : [...tiers];
  const next = on.includes(tier)
    ? on.filter((one) => one !== tier)
    : TIERS.filter((one) => one === tier || on.includes(one));
  if (next.length === 0) return [...tiers];
  return next.length === TIERS.length ? [] : next;
}
