import { pool } from "@/lib/control/database";
import { keptFrom } from "@/lib/metrics/partitions";

const HOUR_MS = 3_600_000;
/** Late samples are counted as long as they arrive within this many hours. */
const LATE_HOURS = 2;

/**
 * Recomputes the hours from `from` up to and with the current, unfinished one, out of raw samples. Idempotent: run
 * again it writes the same figures, or truer ones when late samples came in. Returns the number of hours written.
 */
export async function rollUp(from: Date, now: Date): Promise<number> {
  const kept = keptFrom("raw", now);
  const start = new Date(Math.floor(Math.max(from.getTime(), kept.getTime()) / HOUR_MS) * HOUR_MS);
  const result = await pool().query(
    `INSERT INTO samples.hour (subject_id, metric, at, min, max, avg, p50, p95, p99, last, count, generated)
     SELECT subject_id, metric, date_trunc('hour', at) AS hour, min(value), max(value), avg(value),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY value), percentile_cont(0.95) WITHIN GROUP (ORDER BY value),
       percentile_cont(0.99) WITHIN GROUP (ORDER BY value),
       (array_agg(value ORDER BY at DESC))[1], count(*), bool_and(generated)
     FROM samples.raw WHERE at >= $1 AND at <= $2 GROUP BY 1, 2, 3
     ON CONFLICT (subject_id, metric, at) DO UPDATE SET
       min = excluded.min, max = excluded.max, avg = excluded.avg, p50 = excluded.p50, p95 = excluded.p95,
       p99 = excluded.p99, last = excluded.last, count = excluded.count, generated = excluded.generated`,
    [start, now],
  );
  return result.rowCount ?? 0;
}

/** Where rolling up goes on after a pause: the newest measured hour, less the time allowed for late samples. */
export async function rolledUntil(now: Date): Promise<Date> {
  const { rows } = await pool().query<{ at: Date | null }>(
    "SELECT max(at) AS at FROM samples.hour WHERE NOT generated AND at >= $1",
    [keptFrom("raw", now)],
  );
  const newest = rows[0]?.at ?? keptFrom("raw", now);
  return new Date(newest.getTime() - LATE_HOURS * HOUR_MS);
}
