import { authorize } from "@/lib/auth/authorize";
import { type SearchEvent, type SearchQuery, searchInputSchema } from "@/lib/schemas/search";
import type { Actor } from "@/lib/schemas/user";
import { searchDatasets, searchPage } from "@/lib/search/search";
import { parse } from "@/lib/services/parse";

/** A search as it goes: rows of fast tiers first, the state of each tier, last the page. */
export function runSearch(actor: Actor, input: SearchQuery, signal: AbortSignal): AsyncIterable<SearchEvent> {
  authorize(actor, "search.read");
  return searchDatasets(parse(searchInputSchema, input), signal);
}

/** One page of a search, when it is complete. `failures`: what was not searched, in words. */
export async function searchOnce(actor: Actor, input: SearchQuery, signal: AbortSignal) {
  authorize(actor, "search.read");
  return searchPage(parse(searchInputSchema, input), signal);
}
