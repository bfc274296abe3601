import type { ChartPoint, ChartRange, ChartSeries } from "./chart-types";

/** More series than this are told apart by nobody. */
const MAXIMUM_SERIES = 5;

export interface SeriesData {
  series: readonly ChartSeries[];
  points: readonly ChartPoint[];
}

/** Keeps the largest series and sums the rest into one called `othersLabel`. */
export function limitSeries(data: SeriesData, othersLabel: string, maximum = MAXIMUM_SERIES): SeriesData {
  if (data.series.length <= maximum) return data;
  const size = (key: string) => data.points.reduce((sum, point) => sum + (point.values[key] ?? 0), 0);
  const ranked = [...data.series].sort((a, b) => size(b.key) - size(a.key));
  const kept = new Set(ranked.slice(0, maximum - 1).map(({ key }) => key));
  const rest = data.series.filter(({ key }) => !kept.has(key)).map(({ key }) => key);
  return {
    series: [
      ...data.series.filter(({ key }) => kept.has(key)),
      { key: "others", label: othersLabel, tone: "others" },
    ],
    points: data.points.map((point) => ({
      ...point,
      values: { ...point.values, others: sumOf(point, rest) },
    })),
  };
}

function sumOf(point: ChartPoint, keys: readonly string[]): number | null {
  const known = keys.map((key) => point.values[key]).filter((value) => typeof value === "number");
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

/** Puts an empty point where instants are missing, so that a line breaks there instead of inventing values. */
export function withGaps(points: readonly ChartPoint[], stepMs: number | undefined): ChartPoint[] {
  if (!stepMs) return [...points];
  const filled: ChartPoint[] = [];
  for (const point of points) {
    const previous = filled.at(-1);
    if (previous && point.atMs - previous.atMs > stepMs * 2.5)
      filled.push({ atMs: previous.atMs + stepMs, values: {} });
    filled.push(point);
  }
  return filled;
}

/** The stretches of time whose points were made up, not measured. */
export function generatedRanges(points: readonly ChartPoint[]): ChartRange[] {
  const ranges: ChartRange[] = [];
  let open: ChartRange | undefined;
  for (const point of points) {
    if (point.generated && open) open.untilMs = point.atMs;
    else if (point.generated) {
      open = { fromMs: point.atMs, untilMs: point.atMs };
      ranges.push(open);
    } else if (Object.keys(point.values).length > 0) {
      if (open) open.untilMs = point.atMs;
      open = undefined;
    }
  }
  return ranges.filter((range) => range.untilMs > range.fromMs);
}

/** The largest value drawn: of one series, or of their sum when they are stacked. */
export function largestValue(data: SeriesData, stacking: "stacked" | "apart"): number {
  return data.points.reduce((largest, point) => {
    const values = data.series.map(({ key }) => point.values[key] ?? 0);
    return Math.max(
      largest,
      stacking === "stacked" ? values.reduce((sum, value) => sum + value, 0) : Math.max(...values),
    );
  }, 0);
}
