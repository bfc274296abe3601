import { type CatalogueEntry, openEntries } from "./catalogue";
import { type ColdRow, type ColdSummary, searchCold } from "./cold";
import type { ColdQuery } from "./cold-sql";
import { comparePositions, type KeyKind, kindsOfManifest } from "./order";
import { fromCursor } from "./position";
import {
  type DatasetRequest,
  type Found,
  NOTHING,
  type Note,
  SNIPPET_CHARS,
  sentence,
  shownColumns,
  type TierReading,
  tierNotes,
  toUs,
} from "./tier-reading";

/** A reading of segments that runs while the tables are read. */
export interface ColdWork {
  /** Awaits the reading; done anew when the segments are no longer those it read. Throws only on abort. */
  settle(now: readonly CatalogueEntry[]): Promise<TierReading>;
}

export function startCold(request: DatasetRequest, entries: readonly CatalogueEntry[]): ColdWork {
  const note = tierNotes(request, "cold");
  const first = readCold(request, entries, note);
  first.catch(() => undefined); // awaited in `settle`, which a failing table may never reach
  return { settle: (now) => (idsOf(now) === idsOf(entries) ? first : readCold(request, now, note)) };
}

const idsOf = (entries: readonly CatalogueEntry[]): string =>
  entries.map(({ segmentId }) => segmentId).join("\n");

async function readCold(
  request: DatasetRequest,
  entries: readonly CatalogueEntry[],
  note: Note,
): Promise<TierReading> {
  if (entries.length === 0) return NOTHING;
  try {
    return await readEntries(request, entries, note);
  } catch (error) {
    request.signal.throwIfAborted();
    note("failed", { message: sentence(error) });
    return NOTHING;
  }
}

async function readEntries(
  request: DatasetRequest,
  entries: readonly CatalogueEntry[],
  note: Note,
): Promise<TierReading> {
  note("running");
  const { segments, closed } = await openEntries(entries);
  const names = new Map(entries.map(({ segmentId, storeName }) => [segmentId, storeName]));
  const kinds = segments[0] ? kindsOfManifest(segments[0].manifest) : null;
  const query = coldQuery(request);
  const rows: Found[] = [];
  const run = searchCold(segments, query, request.signal);
  let step = await run.next();
  for (; !step.done; step = await run.next()) {
    const found = step.value.map((row): Found => toFound(row, names.get(row.segmentId) ?? ""));
    rows.push(...found);
    request.show(found);
  }
  const missing = [
    ...closed.map(({ entry, error }) => ({ key: entry.segmentId, error })),
    ...step.value.missing,
  ];
  report(note, step.value, missing, entries);
  return pageOf(latestOf(rows, entries), step.value, kinds ?? [], query.limit);
}

/** A row that two segments hold (it was changed between two archives) counts as the later one has it. */
function latestOf(rows: readonly Found[], entries: readonly CatalogueEntry[]): Found[] {
  const age = new Map(entries.map(({ segmentId }, index) => [segmentId, index]));
  const ageOf = (row: Found | undefined): number => (row && age.get(row.segmentId ?? "")) ?? -1;
  const byKey = new Map<string, Found>();
  for (const row of rows) {
    const id = JSON.stringify(row.key);
    if (ageOf(row) > ageOf(byKey.get(id))) byKey.set(id, row);
  }
  return [...byKey.values()];
}

function pageOf(rows: Found[], summary: ColdSummary, kinds: readonly KeyKind[], limit: number): TierReading {
  rows.sort((a, b) => comparePositions(a, b, kinds));
  const certain =
    summary.horizonUs === undefined ? rows : rows.filter((row) => isNewer(row.timeUs, summary.horizonUs));
  const page = certain.slice(0, limit);
  const more = summary.more || certain.length > limit;
  return { rows: page, horizon: more ? (page.at(-1) ?? null) : null, kinds };
}

const isNewer = (timeUs: bigint | null, thanUs: bigint | null | undefined): boolean =>
  timeUs !== null && (thanUs === null || thanUs === undefined || timeUs > thanUs);

function report(
  note: Note,
  summary: ColdSummary,
  missing: readonly { key: string; error: unknown }[],
  entries: readonly CatalogueEntry[],
): void {
  const facts = {
    scanned: summary.scannedSegments,
    skippedSegments: summary.skippedSegments,
    missing: missing.length,
  };
  const first = missing[0];
  if (!first && summary.horizonUs === undefined) {
    note("done", facts);
    return;
  }
  if (!first) {
    note("failed", {
      ...facts,
      message: "Not all segments were looked into in time. The next page goes on from there.",
    });
    return;
  }
  const stores = [...new Set(entries.map(({ storeName }) => storeName))].join(", ");
  const message = `${missing.length} of ${entries.length} segments in ${stores} could not be read: ${sentence(first.error)}`;
  note("failed", { ...facts, message });
}

function coldQuery({ target, input, terms, filters, after, limit }: DatasetRequest): ColdQuery {
  return {
    terms,
    textColumns: target.roles.text,
    equals: filters,
    fromUs: toUs(input.from),
    untilUs: toUs(input.until),
    after: after && fromCursor(after, target.roles.time),
    limit: limit + 1, // one more tells whether there is another page
    columns: shownColumns(target),
    snippetChars: SNIPPET_CHARS,
  };
}

const toFound = (row: ColdRow, storeName: string): Found => ({ ...row, tier: "cold", storeName });
