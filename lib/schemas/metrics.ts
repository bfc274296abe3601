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
/** A figure that only one kind of store has: `figure:heapUsed`. */
export type FigureMetric = `figure:${string}`;
export type Metric = StoreMetric | DatasetMetric | FigureMetric;

export const figureMetric = (key: string): FigureMetric => `figure:${key}`;

const isFigureMetric = (metric: string): metric is FigureMetric => /^figure:[A-Za-z0-9]{1,40}$/.test(metric);
const metricSchema = z.union([
  z.enum([...STORE_METRICS, ...DATASET_METRICS]),
  z.custom<FigureMetric>((value) => typeof value === "string" && isFigureMetric(value)),
]);

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
  metric: metricSchema,
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
