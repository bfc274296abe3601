import type { SearchEvent, SearchInput, SearchRow } from "@/lib/schemas/search";
import { searchRowId } from "@/lib/schemas/search";
import { Channel, inLanes } from "./channel";
import { decodeProgress, encodeProgress, type Progress } from "./cursor";
import { mergePage } from "./page";
import { parseQuery } from "./parse";
import { type DatasetReading, readDataset } from "./read-dataset";
import { toSearchRow } from "./result-row";
import { type Filter, filtersOf, isNarrowed, loadTargets, type Target } from "./target";
import type { Found } from "./tier-reading";

/** Datasets read at once: enough to hide their latencies, few enough not to crowd their stores. */
const DATASET_LANES = 6;

interface Asked {
  target: Target;
  filters: Filter[];
}

/**
 * One page of a search over datasets and their tiers: rows as they are found, the state of every tier, and last the
 * page. A tier that fails or is too slow is reported and the rest served. Stopping the iteration, or the signal,
 * cancels what still runs in the stores.
 *
 * Pages neither skip nor double a row while rows arrive or move: see `readDataset` for one page, `mergePage` for
 * the walk from page to page. Rows that arrive behind the walk's position are not shown; rows of a tier that failed
 * are missing from the pages they would have stood on.
 *
 * Throws bad_input for a query or a position that cannot be used, before the first event.
 */
export async function* searchDatasets(input: SearchInput, signal: AbortSignal): AsyncGenerator<SearchEvent> {
  const { terms } = parseQuery(input.q, isNarrowed(input) ? "byFilters" : "byNothing");
  const before = decodeProgress(input);
  const asked = await whatToAsk(input, terms, before);
  const stop = new AbortController();
  const channel = new Channel<SearchEvent>();
  const running = runAll(
    asked,
    { input, terms, before, signal: AbortSignal.any([signal, stop.signal]) },
    channel,
  );
  try {
    yield* channel;
  } finally {
    stop.abort();
    await running;
  }
}

async function whatToAsk(input: SearchInput, terms: readonly string[], before: Progress): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const target of await loadTargets(input.datasetIds)) {
    const filters = filtersOf(target, input, terms);
    if (filters && target.roles.key.length > 0 && before[target.datasetId] !== "end")
      asked.push({ target, filters });
  }
  return asked;
}

interface Run {
  input: SearchInput;
  terms: readonly string[];
  before: Progress;
  signal: AbortSignal;
}

/** Never throws: a failure goes through the channel. */
async function runAll(asked: readonly Asked[], run: Run, channel: Channel<SearchEvent>): Promise<void> {
  const { input, terms, before, signal } = run;
  const readings: DatasetReading[] = [];
  try {
    await inLanes(asked, DATASET_LANES, async ({ target, filters }) => {
      const place = before[target.datasetId];
      const reading = await readDataset({
        target,
        input,
        terms,
        filters,
        after: place === undefined || place === "end" ? null : place,
        limit: input.limit,
        signal,
        emit: (event) => channel.push(event),
        show: (found) => channel.push({ type: "rows", rows: found.map(shown(target, terms)) }),
      });
      readings.push(reading);
    });
    finish(readings, run, channel);
    channel.close();
  } catch (cause) {
    channel.close({ cause });
  }
}

const shown =
  (target: Target, terms: readonly string[]) =>
  (row: Found): SearchRow =>
    toSearchRow(target, row, terms);

/** The rows of the page once more, as they count: the same row may have been seen in a colder tier first. */
function finish(
  readings: readonly DatasetReading[],
  { input, terms, before }: Run,
  channel: Channel<SearchEvent>,
): void {
  const page = mergePage(readings, input.limit, before);
  const rows = page.rows.map(({ reading, row }) => toSearchRow(reading.target, row, terms));
  channel.push({ type: "rows", rows });
  const next = page.ended ? null : encodeProgress(input, page.progress);
  channel.push({ type: "page", rows: rows.map(searchRowId), next });
}

/** The rows of one page in order, without the events on the way. `failures`: what was not searched, in words. */
export async function searchPage(
  input: SearchInput,
  signal: AbortSignal,
): Promise<{ rows: SearchRow[]; next: string | null; failures: string[] }> {
  const byId = new Map<string, SearchRow>();
  const failures: string[] = [];
  for await (const event of searchDatasets(input, signal)) {
    if (event.type === "rows") for (const row of event.rows) byId.set(searchRowId(row), row);
    else if (event.type === "tier" && event.state === "failed")
      failures.push(event.message ?? `${event.dataset}: ${event.tier}`);
    else if (event.type === "page") {
      const rows = event.rows.flatMap((id) => byId.get(id) ?? []);
      return { rows, next: event.next, failures };
    }
  }
  return { rows: [], next: null, failures };
}
