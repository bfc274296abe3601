import { pool } from "@/lib/control/database";
import { keptFrom } from "@/lib/metrics/partitions";
import type { Metric, SamplePoint, SeriesDto } from "@/lib/schemas/metrics";
import { SAMPLING } from "@/lib/schemas/metrics";

export interface SeriesRange {
  from: Date;
  until: Date;
  /** At most 1,000. */
  maxPoints: number;
  now: Date;
}

const HOUR_MS = 3_600_000;
/** Shorter ranges are drawn from raw samples even where those begin late: an hourly line of two points says less. */
const HOURLY_FROM_MS = 6 * HOUR_MS;
const SLOW_METRICS: readonly Metric[] = ["connections", "cacheHitRatio"];

/** How often a metric is measured, in milliseconds. */
export function intervalOf(metric: Metric): number {
  if (metric === "latencyMs" || metric === "up") return SAMPLING.healthMs;
  return SLOW_METRICS.includes(metric) || metric.startsWith("figure:") ? 60_000 : SAMPLING.sizesMs;
}

/** Width of a point: a multiple of the measuring interval that keeps the range within `maxPoints`. */
export function stepOf(intervalMs: number, range: Pick<SeriesRange, "from" | "until" | "maxPoints">): number {
  const points = Math.max(1, Math.min(range.maxPoints, 1_000));
  const wanted = (range.until.getTime() - range.from.getTime()) / points;
  return Math.max(1, Math.ceil(wanted / intervalMs)) * intervalMs;
}

interface Bucket {
  bucket: string;
  value: number;
  generated: boolean;
}

/**
 * One figure over time, evenly spaced, oldest first, gaps as nulls. Drawn from raw samples where they cover the
 * range, else from hourly ones. Each point is the mean of its step, except for sizes and counts: there the last.
 */
export async function series(subjectId: string, metric: Metric, range: SeriesRange): Promise<SeriesDto> {
  const fine = stepOf(intervalOf(metric), range);
  const source = fine < HOUR_MS && (await rawCovers(subjectId, metric, range)) ? "raw" : "hour";
  const stepMs = source === "raw" ? fine : stepOf(HOUR_MS, range);
  const buckets = await readBuckets(source, subjectId, metric, stepMs, range);
  const points = fill(buckets, stepMs, range);
  return {
    metric,
    from: range.from.toISOString(),
    until: range.until.toISOString(),
    stepMs,
    points,
    generated: points.some((point) => point.generated === true),
  };
}

async function rawCovers(subjectId: string, metric: Metric, range: SeriesRange): Promise<boolean> {
  if (range.from < keptFrom("raw", range.now)) return false;
  if (range.until.getTime() - range.from.getTime() < HOURLY_FROM_MS) return true;
  const { rows } = await pool().query<{ covered: boolean }>(
    `SELECT NOT EXISTS (SELECT 1 FROM samples.hour WHERE subject_id = $1 AND metric = $2 AND at >= $3
       AND at < (SELECT coalesce(min(at), $4::timestamptz) - interval '1 hour' FROM samples.raw
                 WHERE subject_id = $1 AND metric = $2 AND at >= $3 AND at < $4)) AS covered`,
    [subjectId, metric, range.from, range.until],
  );
  return rows[0]?.covered ?? true;
}

async function readBuckets(
  source: "raw" | "hour",
  subjectId: string,
  metric: Metric,
  stepMs: number,
  range: SeriesRange,
): Promise<Map<number, Bucket>> {
  const last = intervalOf(metric) === SAMPLING.sizesMs;
  const column = source === "raw" ? "value" : last ? "last" : "avg";
  const value = last ? `(array_agg(${column} ORDER BY at DESC))[1]` : `avg(${column})`;
  const { rows } = await pool().query<Bucket>(
    `SELECT floor(extract(epoch FROM at) * 1000 / $5) AS bucket, ${value} AS value, bool_and(generated) AS generated
     FROM samples.${source} WHERE subject_id = $1 AND metric = $2 AND at >= $3 AND at < $4 GROUP BY 1`,
    [subjectId, metric, range.from, range.until, stepMs],
  );
  return new Map(rows.map((row) => [Number(row.bucket), row]));
}

function fill(buckets: Map<number, Bucket>, stepMs: number, range: SeriesRange): SamplePoint[] {
  const points: SamplePoint[] = [];
  const end = Math.ceil(range.until.getTime() / stepMs);
  for (let bucket = Math.floor(range.from.getTime() / stepMs); bucket < end; bucket++) {
    const at = new Date(bucket * stepMs).toISOString();
    const found = buckets.get(bucket);
    if (!found) points.push({ at, value: null });
    else points.push({ at, value: found.value, ...(found.generated ? { generated: true } : {}) });
  }
  // A step that does not start on the range's edge makes one point more.
  return points.slice(-1_000);
}
