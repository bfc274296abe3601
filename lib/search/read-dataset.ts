import type { Tier } from "@/lib/schemas/dataset";
import { openStore } from "@/lib/stores/open";
import { tierState } from "./catalogue";
import { onlyCold } from "./only-cold";
import { comparePositions, type KeyKind } from "./order";
import type { Position } from "./position";
import { startCold } from "./read-cold";
import { readTable } from "./read-table";
import type { Target } from "./target";
import { type DatasetRequest, type Found, NOTHING, type TierReading } from "./tier-reading";

/** Restores that keep changing tiers under a search end its attempts to see one state. */
const MAX_ATTEMPTS = 3;

/** What one dataset has to offer for a page. */
export interface DatasetReading {
  target: Target;
  kinds: readonly KeyKind[];
  /** In order, each key once, from its warmest tier. */
  rows: Found[];
  /** Rows up to here are complete; null: all rows are. */
  horizon: Position | null;
}

/**
 * One page's worth of a dataset, each row once, also while rows move between its tiers.
 *
 * Rows move to colder tiers by being copied first and deleted after. A row that has left the table before that was
 * read is in the archive by the time that is read, provided it is read later; so the tables are read one after the
 * other. Segments may be read meanwhile: they never change, and a row that moved into one after the list of them
 * was taken shows as a change of that list. It is compared after the tables were read, and when it has changed the
 * segments are read again. A row seen twice is told by its key; the warmer one counts, and of two segments the
 * later one. Where rows leave by expiry they lie in both tiers for long, see `onlyCold`.
 *
 * A restore goes the other way: copied to the table, then `tierEpoch` rises, then taken from the colder tier. A
 * reading that was before the copy and after the taking lies around that rise, and is done again.
 */
export async function readDataset(request: DatasetRequest): Promise<DatasetReading> {
  const { target, input } = request;
  const wants = (tier: Tier): boolean => input.tiers?.includes(tier) ?? true;
  const store = openStore(target.storeId, "read");
  store.catch(() => undefined); // told by the tables that need it
  for (let attempt = 1; ; attempt += 1) {
    const before = await tierState(target.datasetId);
    const cold = wants("cold") ? startCold(request, before.entries) : null;
    const hot = wants("hot") ? await readTable(request, "hot", target.hot, store) : NOTHING;
    // Asked again: the first archive of a dataset may just have made the table.
    let now = await tierState(target.datasetId);
    let archived = NOTHING;
    if (wants("archive") && now.archive) {
      archived = await readTable(request, "archive", now.archive, store);
      now = await tierState(target.datasetId);
    }
    const coldest = cold ? await onlyCold(request, hot, await cold.settle(now.entries), store) : NOTHING;
    if (cold && now.entries.length + before.entries.length > 0) now = await tierState(target.datasetId);
    if (attempt === MAX_ATTEMPTS || now.epoch === before.epoch)
      return joinTiers(target, [hot, archived, coldest]);
  }
}

function joinTiers(target: Target, readings: readonly TierReading[]): DatasetReading {
  const kinds = readings.find((reading) => reading.kinds !== null)?.kinds ?? [];
  const compare = (a: Position, b: Position): number => comparePositions(a, b, kinds);
  const byKey = new Map<string, Found>();
  for (const row of readings.flatMap(({ rows }) => rows)) {
    const id = JSON.stringify(row.key);
    if (!byKey.has(id)) byKey.set(id, row);
  }
  const rows = [...byKey.values()].sort(compare);
  const horizons = readings.flatMap(({ horizon }) => (horizon ? [horizon] : []));
  return { target, kinds, rows, horizon: horizons.sort(compare)[0] ?? null };
}
