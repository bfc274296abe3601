import { quotedName } from "@/lib/format/quoted-name";
import type {
  AdviceDto,
  DatasetDto,
  IndexDto,
  ParentLink,
  Roles,
  TableStatsDto,
} from "@/lib/schemas/dataset";

const DAY_MS = 86_400_000;
const MIN_BYTES = 8 * 1024 * 1024;
const UNUSED_MIN_BYTES = 1024 * 1024;

export interface AdviceFacts {
  dataset: DatasetDto;
  roles: Roles;
  parentLink: ParentLink | null;
  stats: TableStatsDto | null;
  now: Date;
}

/** What is and is not worth doing to a table, and why, from its stored statistics alone. Pure. */
export function adviceFor(facts: AdviceFacts): AdviceDto[] {
  const { stats } = facts;
  if (!stats) return [];
  return [
    vacuum(facts, stats),
    analyze(facts, stats),
    ...space(facts, stats),
    ...brokenIndexes(stats),
    ...missingIndexes(facts, stats),
    ...unusedIndexes(facts.dataset.schemaName, stats),
  ];
}

const days = (at: string | null, now: Date): number =>
  at ? Math.max(0, Math.floor((now.getTime() - Date.parse(at)) / DAY_MS)) : -1;

function vacuum({ dataset, now }: AdviceFacts, stats: TableStatsDto): AdviceDto {
  const dead = dataset.deadRatio;
  const worth =
    dead === null
      ? "maybe"
      : dead >= 0.2 && stats.totalBytes >= MIN_BYTES
        ? "yes"
        : dead >= 0.1
          ? "maybe"
          : "no";
  return {
    key: dead === null ? "vacuumUnknown" : worth === "no" ? "vacuumNotNeeded" : "vacuum",
    worth,
    details: {
      percent: Math.round((dead ?? 0) * 100),
      deadRows: stats.deadRows ?? 0,
      reusableBytes: Math.round(stats.heapBytes * (dead ?? 0)),
      vacuumDays: days(stats.lastVacuumAt, now),
    },
    optimize: { kind: "vacuumAnalyze" },
    statements: [],
  };
}

function analyze({ now }: AdviceFacts, stats: TableStatsDto): AdviceDto {
  const age = days(stats.lastAnalyzeAt, now);
  const worth = age < 0 || age >= 14 ? "yes" : age >= 7 ? "maybe" : "no";
  const key = age < 0 ? "analyzeNever" : worth === "no" ? "analyzeNotNeeded" : "analyze";
  return { key, worth, details: { days: age }, optimize: { kind: "analyze" }, statements: [] };
}

/**
 * Rows that left leave room behind that only VACUUM FULL gives back. Told by comparing bytes a row now with bytes a
 * row when it was archived; three times as many means that most of the table is room.
 */
function space({ dataset }: AdviceFacts, stats: TableStatsDto): AdviceDto[] {
  const { cold, hot } = dataset;
  if (!hot?.rowCount || cold.rowCount < 1_000 || hot.sizeBytes < MIN_BYTES) return [];
  const expected = (cold.sourceBytes / cold.rowCount) * hot.rowCount * 1.3 + stats.indexBytes;
  if (hot.sizeBytes < expected * 3) return [];
  return [
    {
      key: "vacuumFull",
      worth: "maybe",
      details: { returnsBytes: Math.round(hot.sizeBytes - expected), needsBytes: Math.round(expected) },
      optimize: { kind: "vacuumFull" },
      statements: [],
    },
  ];
}

const brokenIndexes = (stats: TableStatsDto): AdviceDto[] =>
  stats.indexes
    .filter((index) => !index.valid)
    .map((index) => ({
      key: "indexInvalid",
      worth: "yes",
      details: { index: index.name, sizeBytes: index.sizeBytes },
      optimize: { kind: "reindex", index: index.name },
      statements: [],
    }));

function missingIndexes({ dataset, roles, parentLink }: AdviceFacts, stats: TableStatsDto): AdviceDto[] {
  const table = quotedName(dataset.schemaName, dataset.tableName);
  const advice: AdviceDto[] = [];
  if (roles.time && !parentLink && !ledBy(stats.indexes, roles.time.column)) {
    const columns = [roles.time.column, ...roles.key].map((name) => quotedName(name)).join(", ");
    advice.push(
      missing("timeIndexMissing", roles.time.column, `CREATE INDEX CONCURRENTLY ON ${table} (${columns})`),
    );
  }
  if (parentLink && !ledBy(stats.indexes, parentLink.column)) {
    const statement = `CREATE INDEX CONCURRENTLY ON ${table} (${quotedName(parentLink.column)})`;
    advice.push(missing("linkIndexMissing", parentLink.column, statement));
  }
  const [text] = roles.text;
  const trigram = stats.indexes.some((index) => /gin_trgm_ops|gist_trgm_ops/.test(index.definition));
  if (text && !trigram && stats.totalBytes >= MIN_BYTES) {
    const statement = `CREATE INDEX CONCURRENTLY ON ${table} USING gin (${quotedName(text)} gin_trgm_ops)`;
    advice.push({
      ...missing("trigramMissing", text, statement),
      worth: "maybe",
      statements: ["CREATE EXTENSION IF NOT EXISTS pg_trgm", statement],
    });
  }
  return advice;
}

const ledBy = (indexes: readonly IndexDto[], column: string): boolean =>
  indexes.some((index) => index.valid && index.columns[0] === column);

const missing = (key: string, column: string, statement: string): AdviceDto => ({
  key,
  worth: "yes",
  details: { column },
  optimize: null,
  statements: [statement],
});

const unusedIndexes = (schemaName: string, stats: TableStatsDto): AdviceDto[] =>
  stats.indexes
    .filter(
      (index) => index.scans === 0 && !index.unique && !index.primary && index.sizeBytes >= UNUSED_MIN_BYTES,
    )
    .map((index) => ({
      key: "indexUnused",
      worth: "maybe",
      details: { index: index.name, sizeBytes: index.sizeBytes },
      optimize: null,
      statements: [`DROP INDEX CONCURRENTLY ${quotedName(schemaName, index.name)}`],
    }));
