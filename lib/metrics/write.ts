import { z } from "zod";
import { isControlAway, pool } from "@/lib/control/database";
import { keptFrom, makePartitions } from "@/lib/metrics/partitions";
import type { Metric } from "@/lib/schemas/metrics";
import { Spool } from "@/lib/spool/spool";

/** One measured figure. `subjectId` is a store's id for store metrics and a dataset's for dataset metrics. */
export interface Sample {
  subjectId: string;
  metric: Metric;
  at: Date;
  value: number;
  /** Made by the demo, not measured. */
  generated?: boolean;
}

/** One hour of a figure, made directly: history older than raw samples are kept (demo, imports). */
export interface HourSample extends Sample {
  /** Spread around `value`; where left out the hour is taken as constant. */
  spread?: { min: number; max: number; p50: number; p95: number; p99: number };
}

/**
 * Writes raw samples in one statement. A sample that is there already stays as it is; one older than what is kept
 * is left out: both are harmless. While the control DB is away they wait on this machine's disk.
 */
export async function writeSamples(samples: readonly Sample[], now = new Date()): Promise<void> {
  const kept = keptFrom("raw", now);
  const fresh = samples.filter((sample) => sample.at >= kept && Number.isFinite(sample.value));
  if (fresh.length > 0) await sampleSpool.send(fresh);
}

const sampleSchema = z.object({
  subjectId: z.string(),
  metric: z.custom<Metric>((value) => typeof value === "string"),
  at: z.coerce.date(),
  value: z.number(),
  generated: z.boolean().optional(),
});

export const SAMPLE_SPOOL = "samples";

/** Samples on their way to the control DB. */
export const sampleSpool = new Spool<Sample>({
  kind: SAMPLE_SPOOL,
  schema: sampleSchema,
  deliver: insertSamples,
  isAway: isControlAway,
});

/** What waited for longer than samples are kept gets a partition that the next maintenance drops: harmless. */
async function insertSamples(samples: readonly Sample[]): Promise<void> {
  if (samples.length === 0) return;
  await prepare("raw", samples);
  await pool().query(
    `INSERT INTO samples.raw (subject_id, metric, at, value, generated)
     SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::float8[], $5::bool[])
     ON CONFLICT DO NOTHING`,
    columnsOf(samples),
  );
}

/** Writes whole hours. An hour that was measured is never overwritten by one that was made. */
export async function writeHours(samples: readonly HourSample[], now = new Date()): Promise<void> {
  const kept = keptFrom("hour", now);
  const fresh = samples.filter((sample) => sample.at >= kept && Number.isFinite(sample.value));
  if (fresh.length === 0) return;
  await prepare("hour", fresh);
  const spread = (pick: (of: NonNullable<HourSample["spread"]>) => number) =>
    fresh.map((sample) => (sample.spread ? pick(sample.spread) : sample.value));
  await pool().query(
    `INSERT INTO samples.hour (subject_id, metric, at, avg, generated, min, max, p50, p95, p99, last, count)
     SELECT s, m, date_trunc('hour', t), v, g, mi, ma, p50, p95, p99, v, 1
     FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::float8[], $5::bool[],
                 $6::float8[], $7::float8[], $8::float8[], $9::float8[], $10::float8[])
       AS u(s, m, t, v, g, mi, ma, p50, p95, p99)
     ON CONFLICT DO NOTHING`,
    [
      ...columnsOf(fresh),
      spread((of) => of.min),
      spread((of) => of.max),
      spread((of) => of.p50),
      spread((of) => of.p95),
      spread((of) => of.p99),
    ],
  );
}

function columnsOf(samples: readonly Sample[]) {
  return [
    samples.map((sample) => sample.subjectId),
    samples.map((sample) => sample.metric),
    samples.map((sample) => sample.at),
    samples.map((sample) => sample.value),
    samples.map((sample) => sample.generated ?? false),
  ];
}

async function prepare(table: "raw" | "hour", samples: readonly Sample[]): Promise<void> {
  const times = samples.map((sample) => sample.at.getTime());
  const [first, last] = times.reduce(([low, high], at) => [Math.min(low, at), Math.max(high, at)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as [number, number]);
  await makePartitions(pool(), table, new Date(first), new Date(last + 1));
}
