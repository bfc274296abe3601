import type { Row } from "@/lib/stores/postgres/client";
import type { Flavour } from "@/lib/stores/postgres/flavour";
import { tableName } from "@/lib/stores/postgres/sql";
import type { PartitionSlice } from "@/lib/stores/rows";
import type { Figure, Limit } from "@/lib/stores/store";
import type { TableAdvice, TableRef, TableStats, TableSummary } from "@/lib/stores/table";

type Timescale = NonNullable<Flavour["timescale"]>;

/** Compressed to more than this share of what it was, a table is better left alone. */
const POOR_RATIO = 0.5;

const named = (alias: string) =>
  `format('%I.%I', ${alias}.hypertable_schema, ${alias}.hypertable_name)::regclass`;

/** Every hypertable with its size and rows: the parent itself holds nothing and says 0. */
export const hypertablesSql = ({ at }: Timescale): string => `
  SELECT h.hypertable_schema AS schema, h.hypertable_name AS name, h.num_chunks::text AS chunks,
         h.compression_enabled::text AS compression, ${at}approximate_row_count(${named("h")})::text AS rows,
         s.table_bytes::text AS table, s.index_bytes::text AS indexes, s.toast_bytes::text AS toast, s.total_bytes::text AS total
    FROM timescaledb_information.hypertables h
   CROSS JOIN LATERAL (SELECT sum(table_bytes) AS table_bytes, sum(index_bytes) AS index_bytes, sum(toast_bytes) AS toast_bytes,
                              sum(total_bytes) AS total_bytes FROM ${at}hypertable_detailed_size(${named("h")})) s`;

export const oneHypertableSql = (timescale: Timescale): string =>
  `${hypertablesSql(timescale)} WHERE h.hypertable_schema = $1 AND h.hypertable_name = $2`;

/** Chunks of a hypertable by time, oldest first. Those by a number have it in their own columns. */
export const CHUNKS_SQL = `
  SELECT c.chunk_schema AS schema, c.chunk_name AS name, c.is_compressed::text AS compressed,
         coalesce((extract(epoch FROM c.range_start) * 1000000)::bigint::text, to_jsonb(c)->>'range_start_integer') AS start,
         coalesce((extract(epoch FROM c.range_end) * 1000000)::bigint::text, to_jsonb(c)->>'range_end_integer') AS end,
         (c.range_start IS NULL)::text AS numbered
    FROM timescaledb_information.chunks c
   WHERE c.hypertable_schema = $1 AND c.hypertable_name = $2 ORDER BY c.range_start, c.chunk_name`;

/** The column by which a hypertable is cut first. */
export const DIMENSION_SQL = `
  SELECT column_name AS column FROM timescaledb_information.dimensions
   WHERE hypertable_schema = $1 AND hypertable_name = $2 ORDER BY dimension_number LIMIT 1`;

/** Names of all chunks: wherever they lie, they are parts and no tables. */
export const CHUNK_NAMES_SQL =
  "SELECT chunk_schema AS schema, chunk_name AS name FROM timescaledb_information.chunks";

export const CHUNK_SIZES_SQL = ({ at }: Timescale): string =>
  `SELECT chunk_schema AS schema, chunk_name AS name, total_bytes::text AS bytes FROM ${at}chunks_detailed_size($1::regclass)`;

export const COMPRESSION_SQL = ({ at }: Timescale): string => `
  SELECT sum(total_chunks)::text AS chunks, sum(number_compressed_chunks)::text AS compressed,
         sum(before_compression_total_bytes)::text AS before, sum(after_compression_total_bytes)::text AS after
    FROM ${at}hypertable_compression_stats($1::regclass)`;

/** Jobs of TimescaleDB's own that change tables by themselves. */
export const JOBS_SQL = `
  SELECT j.job_id::text AS id, j.proc_name AS proc, j.schedule_interval::text AS every, j.hypertable_schema AS schema,
         j.hypertable_name AS name, j.config::text AS config, s.last_run_status AS status
    FROM timescaledb_information.jobs j LEFT JOIN timescaledb_information.job_stats s ON s.job_id = j.job_id
   WHERE j.hypertable_name IS NOT NULL ORDER BY j.job_id`;

export const AGGREGATES_SQL = ({ at }: Timescale): string => `
  SELECT a.view_schema AS schema, a.view_name AS name, a.hypertable_name AS source,
         (SELECT sum(total_bytes) FROM ${at}hypertable_detailed_size(
            format('%I.%I', a.materialization_hypertable_schema, a.materialization_hypertable_name)::regclass))::text AS bytes
    FROM timescaledb_information.continuous_aggregates a`;

const whole = (text: string | null | undefined): number | null =>
  text == null ? null : Math.max(0, Math.round(Number(text)));

const idOf = (schema: string | null | undefined, name: string | null | undefined): string =>
  JSON.stringify([schema ?? "", name ?? ""]);

/** The list of tables with hypertables as what they are, and without their chunks; largest first. */
export function withHypertables(
  tables: readonly TableSummary[],
  hypertables: readonly Row[],
  chunks: readonly Row[],
): TableSummary[] {
  const parts = new Set(chunks.map(({ schema, name }) => idOf(schema, name)));
  const found = new Map(hypertables.map((row) => [idOf(row.schema, row.name), row]));
  return tables
    .filter(({ ref }) => !parts.has(idOf(ref.schema, ref.name)))
    .map((table) => {
      const row = found.get(idOf(table.ref.schema, table.ref.name));
      if (!row) return table;
      return {
        ...table,
        kind: "hypertable",
        rowCount: whole(row.rows),
        sizeBytes: whole(row.total) ?? table.sizeBytes,
      };
    })
    .sort((a, b) => b.sizeBytes - a.sizeBytes);
}

type Sizes = Pick<TableStats, "rowCount" | "heapBytes" | "indexBytes" | "toastBytes" | "totalBytes">;

export const hypertableSizes = (row: Row): Sizes => ({
  rowCount: whole(row.rows),
  heapBytes: whole(row.table) ?? 0,
  indexBytes: whole(row.indexes) ?? 0,
  toastBytes: whole(row.toast) ?? 0,
  totalBytes: whole(row.total) ?? 0,
});

/** Chunks, and what compression made of them. */
export function compressionFigures(table: Row, stats: Row | undefined): Figure[] {
  const before = whole(stats?.before);
  const after = whole(stats?.after);
  return [
    { key: "timescaleChunks", value: whole(table.chunks), unit: "count" },
    { key: "compressedChunks", value: whole(stats?.compressed) ?? 0, unit: "count" },
    ...(before && after !== null
      ? [
          { key: "beforeCompression", value: before, unit: "bytes" } as const,
          { key: "afterCompression", value: after, unit: "bytes" } as const,
        ]
      : []),
  ];
}

/** Whether compressing more is worth it. A poor ratio is a warning, and no error. */
export function compressionAdvice(
  ref: TableRef,
  timescale: Timescale,
  table: Row,
  stats: Row | undefined,
  chunks: readonly Row[],
): TableAdvice[] {
  const statements = [
    `ALTER TABLE ${tableName(ref)} SET (timescaledb.compress, timescaledb.compress_orderby = '… DESC');`,
  ];
  const open = uncompressed(chunks).slice(0, -1); // the newest is being written
  if (timescale.license !== "timescale") {
    return [
      {
        key: "compressionLicense",
        worth: "no",
        details: { license: timescale.license },
        action: null,
        statements: [],
      },
    ];
  }
  if (table.compression !== "true") {
    if (open.length === 0) return [];
    return [
      { key: "compressionOff", worth: "maybe", details: { chunks: open.length }, action: null, statements },
    ];
  }
  const ratio = compressionRatio(stats);
  if (ratio !== null && ratio > POOR_RATIO) {
    const details = { percent: Math.round(ratio * 100) };
    return [{ key: "poorCompression", worth: "no", details, action: null, statements: [] }];
  }
  const oldest = open[0];
  if (!oldest) return [];
  const action = { kind: "compressChunk", index: chunkName(oldest) };
  return [{ key: "compressChunks", worth: "yes", details: { chunks: open.length }, action, statements: [] }];
}

/** After ÷ before; null when nothing is compressed. */
export function compressionRatio(stats: Row | undefined): number | null {
  const before = Number(stats?.before ?? 0);
  return before > 0 ? Number(stats?.after ?? 0) / before : null;
}

export const uncompressed = (chunks: readonly Row[]): Row[] =>
  chunks.filter(({ compressed }) => compressed !== "true");

/** As an action names a chunk. */
export const chunkName = ({ schema, name }: Row): string => `${schema ?? ""}.${name ?? ""}`;

const JOB_LIMITS: Readonly<Record<string, { key: string; severity: Limit["severity"]; setting: string }>> = {
  policy_retention: { key: "retentionPolicy", severity: "warning", setting: "drop_after" },
  policy_compression: { key: "compressionPolicy", severity: "info", setting: "compress_after" },
};

/** What runs by itself on hypertables. A retention policy deletes behind an archive's back. */
export const jobLimits = (jobs: readonly Row[]): Limit[] =>
  jobs.flatMap((job) => {
    const limit = JOB_LIMITS[job.proc ?? ""];
    if (!limit) return [];
    const details = {
      table: `${job.schema ?? ""}.${job.name ?? ""}`,
      after: settingOf(job.config, limit.setting),
      job: job.id ?? "",
      status: job.status ?? "",
    };
    return [{ key: limit.key, severity: limit.severity, details }];
  });

function settingOf(config: string | null | undefined, name: string): string {
  const parsed: unknown = JSON.parse(config ?? "{}");
  const value = typeof parsed === "object" && parsed !== null ? Object.entries(parsed) : [];
  return String(value.find(([key]) => key === name)?.[1] ?? "?");
}

/** The retention policies of one table, with the age from which on it drops chunks. */
export const retentionOf = (jobs: readonly Row[], { schema, name }: TableRef): { after: string }[] =>
  jobs
    .filter((job) => job.proc === "policy_retention" && job.schema === schema && job.name === name)
    .map((job) => ({ after: settingOf(job.config, "drop_after") }));

/** Chunks by time that lie wholly inside a scope, oldest first. */
export function wholeChunks(
  chunks: readonly Row[],
  scope: { fromUs: bigint | null; untilUs: bigint | null },
  sizes: readonly Row[] = [],
): PartitionSlice[] {
  const bytes = new Map(sizes.map((row) => [idOf(row.schema, row.name), whole(row.bytes) ?? 0]));
  return chunks.flatMap((chunk) => {
    if (chunk.numbered === "true" || chunk.start == null || chunk.end == null) return [];
    const fromUs = BigInt(chunk.start);
    const untilUs = BigInt(chunk.end);
    if (scope.untilUs === null || untilUs > scope.untilUs) return [];
    if (scope.fromUs !== null && fromUs < scope.fromUs) return [];
    const ref = { schema: chunk.schema ?? "", name: chunk.name ?? "" };
    return [{ ref, fromUs, untilUs, rowCount: null, sizeBytes: bytes.get(idOf(ref.schema, ref.name)) ?? 0 }];
  });
}
