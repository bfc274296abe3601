import { listValues } from "@/lib/api/list-values";
import { route } from "@/lib/api/route";
import { type SseEvent, sse } from "@/lib/api/sse";
import { type SearchEvent, searchInputSchema } from "@/lib/schemas/search";
import { parse } from "@/lib/services/parse";
import { runSearch } from "@/lib/services/search/run";

/** A search, live: `SearchEvent`s, the page last, then the event `end`. */
export const GET = route(async ({ actor, query, request }) => {
  const { datasetIds, tiers } = query;
  const input = parse(searchInputSchema, {
    ...query,
    datasetIds: listValues(datasetIds),
    tiers: listValues(tiers),
  });
  return sse(request, (signal) => asEvents(runSearch(actor, input, signal)));
});

async function* asEvents(events: AsyncIterable<SearchEvent>): AsyncIterable<SseEvent> {
  for await (const data of events) yield { data };
}
