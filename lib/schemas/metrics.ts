/** Every figure that is sampled. The unit stands in the name. Store metrics have no dataset. */
export const STORE_METRICS = ["latencyMs", "up", "sizeBytes", "connections", "cacheHitRatio"] as const;
export const DATASET_METRICS = [
  "hotRows",
  "hotBytes",
  "archiveRows",
  "archiveBytes",
  "coldRows",
  "coldBytes",
  "deadRows",
] as const;
export type StoreMetric = (typeof STORE_METRICS)[number];
export type DatasetMetric = (typeof DATASET_METRICS)[number];
export type Metric = StoreMetric | DatasetMetric;

/** Health and latency every 15 s, sizes every 5 min; raw for 7 days, hourly for 13 months. */
export const SAMPLING = { healthMs: 15_000, sizesMs: 300_000, rawDays: 7, hourMonths: 13 } as const;

export interface SamplePoint {
  /** ISO instant. */
  at: string;
  /** Null is a gap. */
  value: number | null;
  /** Made by the demo, not measured. */
  generated?: boolean;
}
