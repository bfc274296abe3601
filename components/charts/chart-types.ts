/** Fixed hues: tiers are the same everywhere; the numbered ones are for everything else. */
export type ChartTone = "hot" | "archive" | "cold" | "1" | "2" | "3" | "4" | "5" | "others" | "bad";

export const TONE_COLOR: Record<ChartTone, string> = {
  hot: "var(--color-hot)",
  archive: "var(--color-archive)",
  cold: "var(--color-cold)",
  "1": "var(--color-series-1)",
  "2": "var(--color-series-2)",
  "3": "var(--color-series-3)",
  "4": "var(--color-series-4)",
  "5": "var(--color-series-5)",
  others: "var(--color-series-others)",
  bad: "var(--color-bad)",
};

/** What the values are; it decides how they are written. A ratio runs from 0 to 1. */
export type ChartUnit = "bytes" | "count" | "ms" | "ratio" | "bytesPerSecond" | "rowsPerSecond";

export interface ChartSeries {
  key: string;
  label: string;
  tone: ChartTone;
}

/** One instant with one value per series. `null` is a gap, never a zero. */
export interface ChartPoint {
  atMs: number;
  values: Record<string, number | null>;
  /** Made up by the demo, not measured: shaded, and said in the legend. */
  generated?: boolean;
}

/** Something that happened and explains a bend. */
export interface ChartMark {
  atMs: number;
  label: string;
}

/** Half-open, milliseconds since 1970. */
export interface ChartRange {
  fromMs: number;
  untilMs: number;
}
