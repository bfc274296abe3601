import { z } from "zod";
import { instantSchema } from "@/lib/schemas/page";

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

export const seriesInputSchema = z.object({
  metric: z.enum([...STORE_METRICS, ...DATASET_METRICS]),
  from: instantSchema,
  until: instantSchema,
  maxPoints: z.coerce.number().int().min(2).max(1_000).default(300),
});
export type SeriesInput = z.input<typeof seriesInputSchema>;

/** Oldest first, evenly spaced by `stepMs`; a null value is a gap, not a zero. */
export interface SeriesDto {
  metric: Metric;
  from: string;
  until: string;
  stepMs: number;
  points: SamplePoint[];
  /** Whether any point was made by the demo rather than measured. */
  generated: boolean;
}

/** Something that happened at an instant and explains a bend in a chart: an operation's end. */
export interface Mark {
  at: string;
  /** Operation kind, under `operations.kinds.`. */
  kind: string;
  label: string;
  href: string;
}
