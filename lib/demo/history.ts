import type { Pool } from "pg";
import { Random } from "@/lib/demo/random";
import { qualified, TABLES } from "@/lib/demo/tables";
import { SEED } from "@/lib/demo/world";
import { type HourSample, writeHours } from "@/lib/metrics/write";
import type { Metric } from "@/lib/schemas/metrics";

export interface DemoHistoryInput {
  /** Reads the demo database. */
  source: Pool;
  storeId: string;
  datasets: readonly { datasetId: string; schemaName: string; tableName: string }[];
  now: Date;
}

const HOUR_MS = 3_600_000;
const MONTHS = 13;
/** Hourly for three months, before that every third hour: enough for any range on the screen. */
const FINE_HOURS = 95 * 24;
const COARSE_STEP_HOURS = 3;
const BATCH = 20_000;

/** Rows that came in each hour, oldest first, and what the table takes now. */
interface Growth {
  perHour: Map<number, number>;
  rowCount: number;
  sizeBytes: number;
  deadRows: number;
}

/**
 * Writes 13 months of hourly samples, marked as generated: rows and sizes of each dataset from when its rows came
 * in, latency, connections and cache hits of the store from that load. Idempotent; measured hours stay.
 * Returns the number of samples made.
 */
export async function demoHistory(input: DemoHistoryInput): Promise<number> {
  const instants = instantsUntil(input.now);
  const growths = await Promise.all(
    input.datasets.map(async (dataset) => ({ dataset, growth: await readGrowth(input.source, dataset) })),
  );
  const samples: HourSample[] = [];
  const totals = instants.map(() => ({ bytes: 0, arrived: 0 }));
  for (const { dataset, growth } of growths) {
    const totalSoFar = cumulate(growth, instants);
    totalSoFar.forEach(({ rows, arrived }, at) => {
      const share = growth.rowCount === 0 ? 0 : rows / growth.rowCount;
      const sizeBytes = Math.round(growth.sizeBytes * share);
      const total = totals[at];
      if (total) {
        total.bytes += sizeBytes;
        total.arrived += arrived;
      }
      const put = (metric: Metric, value: number) =>
        samples.push({
          subjectId: dataset.datasetId,
          metric,
          at: instants[at] as Date,
          value,
          generated: true,
        });
      put("hotRows", rows);
      put("hotBytes", sizeBytes);
      put("deadRows", Math.round(growth.deadRows * share));
    });
  }
  samples.push(...storeSamples(input.storeId, instants, totals));
  for (let at = 0; at < samples.length; at += BATCH)
    await writeHours(samples.slice(at, at + BATCH), input.now);
  return samples.length;
}

function instantsUntil(now: Date): Date[] {
  const end = Math.floor(now.getTime() / HOUR_MS);
  const first = Math.ceil(
    Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS, now.getUTCDate()) / HOUR_MS,
  );
  const instants: Date[] = [];
  for (let hour = first; hour < end; hour += hour < end - FINE_HOURS ? COARSE_STEP_HOURS : 1)
    instants.push(new Date(hour * HOUR_MS));
  return instants;
}

async function readGrowth(source: Pool, dataset: { schemaName: string; tableName: string }): Promise<Growth> {
  const table = Object.values(TABLES).find(
    (known) => known.schema === dataset.schemaName && known.name === dataset.tableName,
  );
  if (!table) throw new Error(`The demo has no table ${dataset.schemaName}.${dataset.tableName}.`);
  const type = table.columns.find(([name]) => name === "created_at")?.[1];
  const hour = type === "timestamp" ? "floor(extract(epoch FROM created_at) / 3600)" : "created_at / 3600";
  const name = qualified(table);
  const [hours, sizes] = await Promise.all([
    source.query<{ hour: string; n: string }>(
      `SELECT (${hour})::bigint AS hour, count(*) AS n FROM ${name} GROUP BY 1`,
    ),
    source.query<{ size: string; dead: string }>(
      "SELECT pg_total_relation_size($1::regclass) AS size, coalesce(pg_stat_get_dead_tuples($1::regclass), 0) AS dead",
      [name],
    ),
  ]);
  const perHour = new Map(hours.rows.map((row) => [Number(row.hour), Number(row.n)]));
  const rowCount = [...perHour.values()].reduce((sum, count) => sum + count, 0);
  return {
    perHour,
    rowCount,
    sizeBytes: Number(sizes.rows[0]?.size ?? 0),
    deadRows: Number(sizes.rows[0]?.dead ?? 0),
  };
}

/** For each instant the rows that had come in by then, and those since the one before. */
function cumulate(growth: Growth, instants: readonly Date[]): { rows: number; arrived: number }[] {
  const hours = [...growth.perHour].sort(([a], [b]) => a - b);
  let next = 0;
  let rows = 0;
  return instants.map((instant) => {
    const before = rows;
    const limit = instant.getTime() / HOUR_MS;
    for (; next < hours.length && (hours[next]?.[0] ?? 0) < limit; next++) rows += hours[next]?.[1] ?? 0;
    return { rows, arrived: rows - before };
  });
}

function storeSamples(
  storeId: string,
  instants: readonly Date[],
  totals: readonly { bytes: number; arrived: number }[],
): HourSample[] {
  const random = new Random(SEED, 50);
  const busiest = Math.max(1, ...totals.map((total) => total.arrived));
  // One outage of five hours, two months ago: the history shows what a bad night looks like.
  const outage = instants.length - 60 * 24;
  return instants.flatMap((at, index) => {
    const { bytes = 0, arrived = 0 } = totals[index] ?? {};
    const load = Math.min(1, arrived / busiest);
    const down = index >= outage && index < outage + 5;
    // Larger than memory means slower: latency follows size and load.
    const p50 = (0.7 + bytes / 4e8 + load) * (0.85 + random.float() * 0.3) * (down ? 40 : 1);
    const spike = random.chance(0.01) ? 6 : 1;
    const spread = {
      min: p50 * 0.6,
      p50,
      p95: p50 * 2.4 * spike,
      p99: p50 * 4.5 * spike,
      max: p50 * 9 * spike,
    };
    const base = { subjectId: storeId, at, generated: true };
    return [
      { ...base, metric: "latencyMs" as const, value: p50 * 1.2, spread },
      { ...base, metric: "up" as const, value: down ? 0.4 : 1 },
      { ...base, metric: "sizeBytes" as const, value: bytes + 9_000_000 },
      { ...base, metric: "connections" as const, value: Math.round(4 + load * 22 + random.float() * 4) },
      {
        ...base,
        metric: "cacheHitRatio" as const,
        value: Math.min(1, 0.998 - bytes / 3e10 - load * 0.01 - random.float() * 0.004),
      },
    ];
  });
}
