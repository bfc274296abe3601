import type { Cursor } from "@/lib/stores/batch";
import type { Progress } from "./cursor";
import { comparePositions } from "./order";
import { type Position, toCursor } from "./position";
import type { DatasetReading } from "./read-dataset";
import type { Found } from "./tier-reading";

export interface MergedPage {
  rows: { reading: DatasetReading; row: Found }[];
  /** Where each dataset stands after this page. */
  progress: Progress;
  ended: boolean;
}

interface Placed {
  reading: DatasetReading;
  at: Position;
}

/** Over all datasets: by time, then dataset, then the dataset's own order. */
function compare(a: Placed, b: Placed): number {
  if (a.at.timeUs === b.at.timeUs) {
    const [left, right] = [a.reading.target.datasetId, b.reading.target.datasetId];
    if (left !== right) return left < right ? -1 : 1;
  }
  return comparePositions(a.at, b.at, a.reading.kinds);
}

/**
 * The first `limit` rows of all datasets that are certain: none lies beyond a place up to which some dataset has
 * not been read. Each dataset goes on after its own last row, so the pages of each are a walk through its own
 * order, whatever the others do meanwhile.
 */
export function mergePage(readings: readonly DatasetReading[], limit: number, before: Progress): MergedPage {
  const all = readings
    .flatMap((reading) => reading.rows.map((row) => ({ reading, row, at: row as Position })))
    .sort(compare);
  const horizon = readings
    .flatMap((reading) => (reading.horizon ? [{ reading, at: reading.horizon }] : []))
    .sort(compare)[0];
  const certain = horizon ? all.filter((placed) => compare(placed, horizon) <= 0) : all;
  const rows = certain.slice(0, limit);
  const progress: Record<string, Cursor | "end"> = { ...before };
  for (const reading of readings) {
    const shown = rows.filter((placed) => placed.reading === reading).map(({ row }) => row);
    const place = placeAfter(reading, shown);
    if (place) progress[reading.target.datasetId] = place;
  }
  return { rows, progress, ended: readings.every(({ target }) => progress[target.datasetId] === "end") };
}

/** Null: nothing of it was shown and nothing can be skipped. */
function placeAfter(reading: DatasetReading, shown: readonly Found[]): Cursor | "end" | null {
  const { horizon, rows, kinds, target } = reading;
  if (!horizon) return shown.length === rows.length ? "end" : (shown.at(-1)?.cursor ?? null);
  const read = rows.filter((row) => comparePositions(row, horizon, kinds) <= 0);
  if (shown.length === read.length) return toCursor(horizon, target.roles.time);
  return shown.at(-1)?.cursor ?? null;
}
