import type { Pool, PoolClient } from "pg";
import { SAMPLING } from "@/lib/schemas/metrics";

/** Raw samples lie in one partition a day, hourly ones in one a month, both by UTC. */
export type SampleTable = "raw" | "hour";

export interface Slice {
  table: SampleTable;
  /** Name of the partition in the schema `samples`. */
  name: string;
  from: Date;
  until: Date;
}

/** How far ahead partitions are made: samples keep flowing when maintenance is late by two days. */
const AHEAD_DAYS = 2;
/** Serialises making and dropping between workers; any constant does. */
const PARTITION_LOCK = 7_304_201;

const utc = (year: number, month: number, day: number) => new Date(Date.UTC(year, month, day));
const two = (value: number) => String(value).padStart(2, "0");

/** The slice that holds an instant. */
export function sliceOf(table: SampleTable, at: Date): Slice {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  if (table === "hour") {
    return {
      table,
      name: `hour_${year}${two(month + 1)}`,
      from: utc(year, month, 1),
      until: utc(year, month + 1, 1),
    };
  }
  return {
    table,
    name: `raw_${year}${two(month + 1)}${two(day)}`,
    from: utc(year, month, day),
    until: utc(year, month, day + 1),
  };
}

/** Slices that touch the half-open range, oldest first. */
export function slicesBetween(table: SampleTable, from: Date, until: Date): Slice[] {
  const slices: Slice[] = [];
  for (let slice = sliceOf(table, from); slice.from < until; slice = sliceOf(table, slice.until)) {
    slices.push(slice);
  }
  return slices;
}

/** Instant before which samples of a table are no longer kept. */
export function keptFrom(table: SampleTable, now: Date): Date {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  return table === "raw"
    ? utc(year, month, day - SAMPLING.rawDays)
    : utc(year, month - SAMPLING.hourMonths, 1);
}

/** The slice a partition's name stands for; null for a name that is none of ours. */
export function sliceFromName(name: string): Slice | null {
  const found = /^(?:raw_(\d{4})(\d\d)(\d\d)|hour_(\d{4})(\d\d))$/.exec(name);
  if (!found) return null;
  const table: SampleTable = found[1] ? "raw" : "hour";
  const at = utc(Number(found[1] ?? found[4]), Number(found[2] ?? found[5]) - 1, Number(found[3] ?? 1));
  return sliceOf(table, at);
}

/** Makes the partitions that writing into [from, until) needs. Idempotent. */
export async function makePartitions(pool: Pool, table: SampleTable, from: Date, until: Date): Promise<void> {
  const slices = slicesBetween(table, from, until);
  const known = new Set(await partitionNames(pool));
  const wanted = slices.filter((slice) => !known.has(slice.name));
  if (wanted.length === 0) return;
  await locked(pool, async (client) => {
    for (const slice of wanted) {
      // Names and bounds are made of digits above; DDL takes no parameters.
      await client.query(
        `CREATE TABLE IF NOT EXISTS samples.${slice.name} PARTITION OF samples.${slice.table}
         FOR VALUES FROM ('${slice.from.toISOString()}') TO ('${slice.until.toISOString()}')`,
      );
    }
  });
}

/**
 * Makes the partitions of the next days and drops those that lie wholely before what is kept. Idempotent; a drop
 * that cannot get its lock within two seconds is left for the next call. Returns the names dropped.
 */
export async function maintainPartitions(pool: Pool, now: Date): Promise<string[]> {
  const ahead = new Date(now.getTime() + AHEAD_DAYS * 86_400_000);
  await makePartitions(pool, "raw", keptFrom("raw", now), ahead);
  await makePartitions(pool, "hour", keptFrom("raw", now), ahead);
  const old = (await partitionNames(pool)).filter((name) => {
    const slice = sliceFromName(name);
    return slice !== null && slice.until <= keptFrom(slice.table, now);
  });
  for (const name of old) {
    await locked(pool, async (client) => {
      await client.query(`DROP TABLE IF EXISTS samples.${name}`);
    });
  }
  return old;
}

async function partitionNames(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i
     JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
     JOIN pg_namespace n ON n.oid = p.relnamespace
     WHERE n.nspname = 'samples' AND p.relname IN ('raw', 'hour') ORDER BY 1`,
  );
  return rows.map((row) => row.name);
}

async function locked(pool: Pool, work: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await client.query("SET LOCAL lock_timeout = '2s'");
    await client.query("SELECT pg_advisory_xact_lock($1)", [PARTITION_LOCK]);
    await work(client);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw error;
  } finally {
    client.release();
  }
}
