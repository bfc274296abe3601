import { db, pool } from "@/lib/control/database";
import type { Dataset } from "@/lib/control/prisma/client/client";
import { classOf, unitOfMagnitude } from "@/lib/datasets/roles";
import { log } from "@/lib/log";
import { tickOf, within } from "@/lib/metrics/sample-health";
import { sampleMonths } from "@/lib/metrics/sample-months";
import { type Sample, writeSamples } from "@/lib/metrics/write";
import { rolesSchema } from "@/lib/schemas/dataset";
import { SAMPLING } from "@/lib/schemas/metrics";
import { openStore } from "@/lib/stores/open";
import type { Store } from "@/lib/stores/store";
import type { TableRef, TableStats, TableSummary } from "@/lib/stores/table";

const TABLES_MS = 20_000;
const STATS_MS = 15_000;
/** Whole-number columns looked into at most, to tell what their times count in. */
const PROBES = 20;

/** Sizes, statistics and months of every store and dataset, store by store at once, datasets one by one. */
export async function sampleSizes(now: Date, signal: AbortSignal): Promise<void> {
  const stores = await db().store.findMany({
    where: { state: { not: "unreachable" } },
    select: { id: true, health: true, datasets: true },
  });
  await Promise.all(stores.map((store) => sampleStore(store, now, signal)));
}

/** The same for a few datasets, right after an operation changed them. */
export async function sampleDatasets(
  datasetIds: readonly string[],
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const rows = await db().dataset.findMany({ where: { id: { in: [...datasetIds] } } });
  // Not aligned to the interval: the sample of this interval is there already, from before the change.
  for (const row of rows) await sampleDataset(row, now, now, signal);
  await sampleMonths(rows, signal);
}

async function sampleStore(
  store: { id: string; health: unknown; datasets: Dataset[] },
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  const at = tickOf(now, SAMPLING.sizesMs);
  const sizeBytes = Object(store.health).sizeBytes;
  if (typeof sizeBytes === "number") {
    await writeSamples([{ subjectId: store.id, metric: "sizeBytes", at, value: sizeBytes }], now);
  }
  await quietly(signal, `tables of ${store.id}`, () => sampleTables(store.id, signal));
  for (const dataset of store.datasets) await sampleDataset(dataset, at, now, signal);
  await sampleMonths(store.datasets, signal);
}

async function sampleTables(storeId: string, signal: AbortSignal): Promise<void> {
  const store = await openStore(storeId, "read");
  const tables = await within(TABLES_MS, signal, (limit) => store.tables(limit));
  const before = await db().store.findUnique({ where: { id: storeId }, select: { tables: true } });
  const seen = await probeIntegers(store, tables, seenBefore(before?.tables), signal);
  const listed = tables.map((table) => ({ ...table, seen: seen.get(idOf(table.ref)) }));
  await pool().query('UPDATE "Store" SET tables = $2, "tablesAt" = now() WHERE id = $1', [
    storeId,
    JSON.stringify(listed),
  ]);
}

const idOf = (ref: TableRef): string => JSON.stringify([ref.schema, ref.name]);

function seenBefore(tables: unknown): Map<string, Record<string, number>> {
  const known = new Map<string, Record<string, number>>();
  for (const table of Array.isArray(tables) ? tables : []) {
    if (table?.seen) known.set(idOf(table.ref), table.seen);
  }
  return known;
}

/** Their rows belong to somewhere else: they become no datasets. */
const NO_DATASETS: ReadonlySet<string> = new Set(["view", "foreign", "partition"]);

/** One row's value of each whole-number column that could be a time: seconds, ms and µs differ by magnitude. */
async function probeIntegers(
  store: Store,
  tables: readonly TableSummary[],
  known: Map<string, Record<string, number>>,
  signal: AbortSignal,
): Promise<Map<string, Record<string, number>>> {
  const wanted = tables.filter(
    (table) => !NO_DATASETS.has(table.kind) && table.rowCount !== 0 && !known.has(idOf(table.ref)),
  );
  for (const table of wanted.slice(0, PROBES)) {
    const columns = table.columns
      .filter(
        ({ name, type }) => classOf(type) === "integer" && /at$|time|date|(^|_)ts(_|$)|时间|日期/i.test(name),
      )
      .map((column) => column.name);
    if (columns.length === 0 || !table.key?.length || !store.rows) continue;
    const { rows } = store;
    const key = table.key;
    await quietly(signal, `times of ${table.ref.name}`, async () => {
      const query = { ...EMPTY_QUERY, table: table.ref, key, columns };
      const page = await within(STATS_MS, signal, (limit) => rows.search(query, limit));
      const values = page.rows[0]?.values ?? {};
      const numbers = columns.map((name) => [name, Number(values[name] ?? Number.NaN)] as const);
      known.set(
        idOf(table.ref),
        Object.fromEntries(numbers.filter(([, value]) => unitOfMagnitude(value) !== null)),
      );
    });
  }
  return known;
}

const EMPTY_QUERY = {
  time: null,
  textColumns: [],
  terms: [],
  equals: [],
  fromUs: null,
  untilUs: null,
  after: null,
  limit: 1,
  snippetChars: 0,
  timeoutMs: 2_000,
};

async function sampleDataset(row: Dataset, at: Date, now: Date, signal: AbortSignal): Promise<void> {
  await quietly(signal, `statistics of ${row.name}`, async () => {
    const { time } = rolesSchema.parse(row.roles);
    const store = await openStore(row.storeId, "read");
    const read = (table: TableRef) => within(STATS_MS, signal, (limit) => store.stats(table, time, limit));
    const stats = await read({ schema: row.schemaName, name: row.tableName });
    const archiveStats = row.archiveTable
      ? await read({ schema: row.archiveSchema ?? row.schemaName, name: row.archiveTable })
      : null;
    await pool().query(
      'UPDATE "Dataset" SET stats = $2, "archiveStats" = $3, "statsAt" = now() WHERE id = $1',
      [row.id, JSON.stringify(stats), archiveStats && JSON.stringify(archiveStats)],
    );
    await writeSamples(await datasetSamples(row.id, stats, archiveStats, at), now);
  });
}

async function datasetSamples(
  datasetId: string,
  stats: TableStats,
  archive: TableStats | null,
  at: Date,
): Promise<Sample[]> {
  const { rows } = await pool().query<{ rows: string; bytes: string }>(
    `SELECT coalesce(sum("rowCount"), 0) AS rows, coalesce(sum("sizeBytes"), 0) AS bytes
     FROM "Segment" WHERE "datasetId" = $1 AND state = 'committed'`,
    [datasetId],
  );
  const figures = {
    hotRows: stats.rowCount,
    hotBytes: stats.totalBytes,
    deadRows: stats.deadRows,
    archiveRows: archive ? archive.rowCount : 0,
    archiveBytes: archive?.totalBytes ?? 0,
    coldRows: Number(rows[0]?.rows ?? 0),
    coldBytes: Number(rows[0]?.bytes ?? 0),
  } as const;
  return (Object.keys(figures) as (keyof typeof figures)[]).flatMap((metric) => {
    const value = figures[metric];
    return value === null ? [] : [{ subjectId: datasetId, metric, at, value }];
  });
}

/** One panel that fails must not take the others with it; its age on the page tells that it failed. */
export async function quietly(signal: AbortSignal, what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!signal.aborted) log("sampler").warn({ err: error, what }, "could not be sampled");
  }
}
