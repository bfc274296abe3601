import { pool } from "@/lib/control/database";
import type { Metric } from "@/lib/schemas/metrics";
import type { GrowthPoint } from "@/lib/schemas/overview";

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/**
 * Change a week of one metric of many subjects, measured between the oldest and the newest hour of the last seven
 * days. Subjects with less than a day between the two are left out.
 */
export async function growthPerWeek(
  subjectIds: readonly string[],
  metric: Metric,
  now: Date,
): Promise<Map<string, number>> {
  const { rows } = await pool().query<{ id: string; first: number; last: number; spanMs: number }>(
    `SELECT id, f.last AS first, l.last AS last, extract(epoch FROM l.at - f.at) * 1000 AS "spanMs"
     FROM unnest($1::text[]) AS id
     CROSS JOIN LATERAL (SELECT at, last FROM samples.hour WHERE subject_id = id AND metric = $2 AND at >= $3
       ORDER BY at LIMIT 1) f
     CROSS JOIN LATERAL (SELECT at, last FROM samples.hour WHERE subject_id = id AND metric = $2 AND at >= $3
       ORDER BY at DESC LIMIT 1) l`,
    [subjectIds, metric, new Date(now.getTime() - WEEK_MS)],
  );
  const measured = rows.filter((row) => Number(row.spanMs) >= DAY_MS);
  return new Map(measured.map((row) => [row.id, ((row.last - row.first) * WEEK_MS) / Number(row.spanMs)]));
}

const TIER_METRICS = ["hotBytes", "archiveBytes", "coldBytes"] as const;
type TierMetric = (typeof TIER_METRICS)[number];

interface Row {
  id: string;
  metric: TierMetric;
  bucket: string;
  value: number;
  generated: boolean;
}

/** Sizes are measured every five minutes; a chart of 90 days is not worth reading 50,000 rows for each visitor. */
const KEEP_MS = 30_000;
let kept: { id: string; until: number; points: Promise<GrowthPoint[]> } | null = null;

/** `readGrowth`, kept for half a minute for whoever asks for the same. */
export function totalGrowth(datasetIds: readonly string[], days: number, now: Date): Promise<GrowthPoint[]> {
  const id = JSON.stringify([days, Math.floor(now.getTime() / DAY_MS), [...datasetIds].sort()]);
  if (kept?.id === id && kept.until > now.getTime()) return kept.points;
  const points = readGrowth(datasetIds, days, now);
  kept = { id, until: now.getTime() + KEEP_MS, points };
  points.catch(() => {
    kept = null;
  });
  return points;
}

/**
 * Sizes of all given datasets together, one point a day, oldest first. A dataset that was not measured on a day
 * counts with its figure of the day before; a day on which none was measured is a gap.
 */
export async function readGrowth(
  datasetIds: readonly string[],
  days: number,
  now: Date,
): Promise<GrowthPoint[]> {
  const until = Math.floor(now.getTime() / DAY_MS) + 1;
  const from = until - days;
  const { rows } = await pool().query<Row>(
    `SELECT DISTINCT ON (subject_id, metric, 3) subject_id AS id, metric,
       floor(extract(epoch FROM at) / 86400) AS bucket, last AS value, generated
     FROM samples.hour WHERE subject_id = ANY($1) AND metric = ANY($2) AND at >= $3
     ORDER BY subject_id, metric, 3, at DESC`,
    [datasetIds, TIER_METRICS, new Date(from * DAY_MS)],
  );
  return sumByDay(rows, from, until);
}

function sumByDay(rows: readonly Row[], from: number, until: number): GrowthPoint[] {
  const byDay = Map.groupBy(rows, (row) => Number(row.bucket));
  const known = new Map<string, { metric: TierMetric; value: number }>();
  const points: GrowthPoint[] = [];
  for (let day = from; day < until; day++) {
    const at = new Date(day * DAY_MS).toISOString();
    const measured = byDay.get(day);
    if (!measured) {
      points.push({ at, hotBytes: null, archiveBytes: null, coldBytes: null });
      continue;
    }
    for (const row of measured) known.set(`${row.metric} ${row.id}`, row);
    const sums = { hotBytes: 0, archiveBytes: 0, coldBytes: 0 };
    for (const { metric, value } of known.values()) sums[metric] += value;
    const generated = measured.every((row) => row.generated);
    points.push({ at, ...sums, ...(generated ? { generated } : {}) });
  }
  return points;
}
