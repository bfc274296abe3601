import { one, type SearchParams } from "./address";

const HOUR_MS = 3_600_000;

export const RANGE_MS = {
  "1h": HOUR_MS,
  "24h": 24 * HOUR_MS,
  "7d": 7 * 24 * HOUR_MS,
  "30d": 30 * 24 * HOUR_MS,
  "90d": 90 * 24 * HOUR_MS,
  "1y": 365 * 24 * HOUR_MS,
} as const;
export type RangeName = keyof typeof RANGE_MS;

export interface ChosenRange {
  /** Null: a stretch that was dragged in a chart. */
  name: RangeName | null;
  from: string;
  until: string;
}

/** What the address asks for: a named range, or `from` and `until` in milliseconds; else the usual one. */
export function rangeOf(
  search: SearchParams,
  offered: readonly RangeName[],
  usual: RangeName,
  nowMs: number,
): ChosenRange {
  const fromMs = Number(one(search, "from"));
  const untilMs = Number(one(search, "until"));
  if (fromMs > 0 && untilMs > fromMs && untilMs < nowMs + HOUR_MS)
    return { name: null, from: new Date(fromMs).toISOString(), until: new Date(untilMs).toISOString() };
  const name = offered.find((candidate) => candidate === one(search, "range")) ?? usual;
  return {
    name,
    from: new Date(nowMs - RANGE_MS[name]).toISOString(),
    until: new Date(nowMs).toISOString(),
  };
}
