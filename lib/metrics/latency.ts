import { pool } from "@/lib/control/database";
import { keptFrom } from "@/lib/metrics/partitions";
import { type SeriesRange, stepOf } from "@/lib/metrics/series";
import type { SamplePoint } from "@/lib/schemas/metrics";
import { SAMPLING } from "@/lib/schemas/metrics";
import type { HealthHistoryDto, HealthSpan, LatencyPoint } from "@/lib/schemas/store";

const HOUR_MS = 3_600_000;
/** Raw samples answer up to here: a day of one store is 5,760 rows. */
const RAW_UNTIL_MS = 26 * HOUR_MS;

interface Row {
  bucket: string;
  p50: number;
  p95: number;
  p99: number;
  generated: boolean;
}

/**
 * Latency percentiles over time, oldest first, gaps as nulls. Up to a day from raw samples; beyond that from hourly
 * percentiles, of which a wider step takes the worst hour's (percentiles cannot be averaged).
 */
export async function latencySeries(storeId: string, range: SeriesRange): Promise<LatencyPoint[]> {
  const length = range.until.getTime() - range.from.getTime();
  const raw = length <= RAW_UNTIL_MS && range.from >= keptFrom("raw", range.now);
  const stepMs = raw
    ? stepOf(60_000, { ...range, maxPoints: Math.min(range.maxPoints, 288) })
    : stepOf(HOUR_MS, range);
  const { rows } = await pool().query<Row>(raw ? FROM_RAW : FROM_HOURS, [
    storeId,
    range.from,
    range.until,
    stepMs,
  ]);
  const byBucket = new Map(rows.map((row) => [Number(row.bucket), row]));
  const points: LatencyPoint[] = [];
  const end = Math.ceil(range.until.getTime() / stepMs);
  for (let bucket = Math.floor(range.from.getTime() / stepMs); bucket < end; bucket++) {
    const at = new Date(bucket * stepMs).toISOString();
    const row = byBucket.get(bucket);
    if (!row) points.push({ at, p50: null, p95: null, p99: null });
    else {
      const { p50, p95, p99 } = row;
      points.push({ at, p50, p95, p99, ...(row.generated ? { generated: true } : {}) });
    }
  }
  return points.slice(-1_000);
}

const FROM_RAW = `SELECT floor(extract(epoch FROM at) * 1000 / $4) AS bucket,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY value) AS p50,
    percentile_cont(0.95) WITHIN GROUP (ORDER BY value) AS p95,
    percentile_cont(0.99) WITHIN GROUP (ORDER BY value) AS p99, bool_and(generated) AS generated
  FROM samples.raw WHERE subject_id = $1 AND metric = 'latencyMs' AND at >= $2 AND at < $3 GROUP BY 1`;

const FROM_HOURS = `SELECT floor(extract(epoch FROM at) * 1000 / $4) AS bucket,
    max(p50) AS p50, max(p95) AS p95, max(p99) AS p99, bool_and(generated) AS generated
  FROM samples.hour WHERE subject_id = $1 AND metric = 'latencyMs' AND at >= $2 AND at < $3 GROUP BY 1`;

export interface LatencyTile {
  p95Ms: number | null;
  points: SamplePoint[];
}

const TILE_POINTS = 48;
const TILE_STEP_MS = 150_000;

/** The last two hours of latency of many stores in one query, for tiles: 48 points and the p95 over all. */
export async function latencyTiles(
  storeIds: readonly string[],
  now: Date,
): Promise<Map<string, LatencyTile>> {
  const until = Math.ceil(now.getTime() / TILE_STEP_MS);
  const from = new Date((until - TILE_POINTS) * TILE_STEP_MS);
  const { rows } = await pool().query<{
    store: string;
    bucket: string | null;
    value: number;
    generated: boolean;
  }>(
    `SELECT subject_id AS store, floor(extract(epoch FROM at) * 1000 / $3) AS bucket,
       CASE WHEN grouping(floor(extract(epoch FROM at) * 1000 / $3)) = 1
         THEN percentile_cont(0.95) WITHIN GROUP (ORDER BY value) ELSE avg(value) END AS value,
       bool_and(generated) AS generated
     FROM samples.raw WHERE subject_id = ANY($1) AND metric = 'latencyMs' AND at >= $2
     GROUP BY GROUPING SETS ((subject_id, floor(extract(epoch FROM at) * 1000 / $3)), (subject_id))`,
    [storeIds, from, TILE_STEP_MS],
  );
  const tiles = new Map(storeIds.map((id) => [id, emptyTile(until)]));
  for (const row of rows) {
    const tile = tiles.get(row.store);
    if (!tile) continue;
    if (row.bucket === null) tile.p95Ms = row.value;
    const point = row.bucket === null ? undefined : tile.points[Number(row.bucket) - (until - TILE_POINTS)];
    if (!point) continue;
    point.value = row.value;
    if (row.generated) point.generated = true;
  }
  return tiles;
}

const emptyTile = (until: number): LatencyTile => ({
  p95Ms: null,
  points: Array.from({ length: TILE_POINTS }, (_, index) => ({
    at: new Date((until - TILE_POINTS + index) * TILE_STEP_MS).toISOString(),
    value: null,
  })),
});

/** Stretches in which the store answered, did not, or nobody measured. Neighbours differ. */
export async function healthHistory(storeId: string, range: SeriesRange): Promise<HealthHistoryDto> {
  const length = range.until.getTime() - range.from.getTime();
  const raw = length <= RAW_UNTIL_MS && range.from >= keptFrom("raw", range.now);
  const stepMs = raw ? stepOf(SAMPLING.healthMs * 2, range) : stepOf(HOUR_MS, range);
  const { rows } = await pool().query<{ bucket: string; low: number; up: number; count: string }>(
    `SELECT floor(extract(epoch FROM at) * 1000 / $4) AS bucket, ${raw ? "min(value)" : "min(min)"} AS low,
       sum(${raw ? "value" : "avg * count"}) AS up, sum(${raw ? "1" : "count"}) AS count
     FROM samples.${raw ? "raw" : "hour"}
     WHERE subject_id = $1 AND metric = 'up' AND at >= $2 AND at < $3 GROUP BY 1 ORDER BY 1`,
    [storeId, range.from, range.until, stepMs],
  );
  const measured = rows.reduce((sum, row) => sum + Number(row.count), 0);
  const up = rows.reduce((sum, row) => sum + row.up, 0);
  return {
    from: range.from.toISOString(),
    until: range.until.toISOString(),
    spans: spansOf(new Map(rows.map((row) => [Number(row.bucket), row.low])), stepMs, range),
    upRatio: measured === 0 ? null : up / measured,
  };
}

function spansOf(lows: Map<number, number>, stepMs: number, range: SeriesRange): HealthSpan[] {
  const spans: HealthSpan[] = [];
  const end = Math.ceil(range.until.getTime() / stepMs);
  for (let bucket = Math.floor(range.from.getTime() / stepMs); bucket < end; bucket++) {
    const low = lows.get(bucket);
    const state = low === undefined ? "gap" : low < 1 ? "down" : "up";
    const from = new Date(Math.max(bucket * stepMs, range.from.getTime())).toISOString();
    const until = new Date(Math.min((bucket + 1) * stepMs, range.until.getTime())).toISOString();
    const before = spans.at(-1);
    if (before?.state === state) before.until = until;
    else spans.push({ from, until, state });
  }
  return spans;
}
