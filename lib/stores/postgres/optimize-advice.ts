import { attempt } from "@/lib/stores/postgres/attempt";
import { deadOfShards, shardDeadSql } from "@/lib/stores/postgres/citus";
import type { Session } from "@/lib/stores/postgres/client";
import { compressOffers } from "@/lib/stores/postgres/compress";
import { describeTable, type PgShape, partsSql } from "@/lib/stores/postgres/describe";
import { sqlState } from "@/lib/stores/postgres/errors";
import { optimizeSql } from "@/lib/stores/postgres/optimize-sql";
import { ident, literal } from "@/lib/stores/postgres/sql";
import type { OptimizeAction, OptimizePlan } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";

/** Shares beyond which an action is worth its while, and maybe so. */
const DEAD = { yes: 0.2, maybe: 0.05 };
const STALE = { yes: 0.1, maybe: 0.02 };
const BLOAT = { yes: 0.3, maybe: 0.15 };
/** pgstattuple_approx reads pages that are not all-visible: it gets this long. */
const BLOAT_TIMEOUT_MS = 2_000;

type Worth = OptimizePlan["advice"]["worth"];

interface Figures {
  rows: number | null;
  dead: number;
  changed: number;
  analyzed: boolean;
  heapBytes: number;
  tableBytes: number;
  indexBytes: number;
  totalBytes: number;
  bloatBytes: number;
}

const worth = (share: number, limit: { yes: number; maybe: number }): Worth =>
  share >= limit.yes ? "yes" : share >= limit.maybe ? "maybe" : "no";

const percent = (share: number): number => Math.round(share * 1000) / 10;

/** What can be done for a table, each with what it locks, needs and gives back, and whether it is worth it. */
export async function adviseOptimize(
  session: Session,
  ref: TableRef,
): Promise<{ action: OptimizeAction; plan: OptimizePlan }[]> {
  const shape = await describeTable(session, ref);
  if (shape.kind === "view" || shape.kind === "foreign") return [];
  const figures = await readFigures(session, shape);
  const offers = [
    vacuumOffer("vacuumAnalyze", figures),
    vacuumOffer("vacuum", figures),
    analyzeOffer(figures),
    // Neither TimescaleDB nor Citus rebuilds the indexes of all parts beside the old ones; rewriting all is no help.
    ...(SPREAD.includes(shape.kind) ? [] : await rebuildOffers(session, shape, figures)),
  ];
  const plain = offers.map(({ action, plan }) => ({
    action,
    plan: { ...plan, statements: [optimizeSql(shape, action)] },
  }));
  return shape.kind === "hypertable" ? [...plain, ...(await compressOffers(session, shape))] : plain;
}

/** Kinds whose rows lie in chunks or shards: VACUUM and ANALYZE go to every one of them by themselves. */
const SPREAD: readonly string[] = ["hypertable", "distributed", "reference", "columnar"];

const rebuildOffers = async (session: Session, shape: PgShape, figures: Figures): Promise<Offer[]> => [
  await reindexOffer(session, shape, figures),
  fullOffer(figures),
  ...(await singleIndexOffers(session, shape)),
];

type Offer = { action: OptimizeAction; plan: Omit<OptimizePlan, "statements"> };

async function readFigures(session: Session, shape: PgShape): Promise<Figures> {
  const [row] = await session.query(
    `SELECT CASE WHEN bool_or(c.reltuples < 0) THEN NULL ELSE sum(c.reltuples) END::text AS rows,
            sum(s.n_dead_tup)::text AS dead, sum(s.n_mod_since_analyze)::text AS changed,
            bool_or(coalesce(s.last_analyze, s.last_autoanalyze) IS NOT NULL)::text AS analyzed,
            sum(pg_relation_size(c.oid))::text AS heap, sum(pg_table_size(c.oid))::text AS table,
            sum(pg_indexes_size(c.oid))::text AS indexes, sum(pg_total_relation_size(c.oid))::text AS total
       FROM pg_class c LEFT JOIN pg_stat_all_tables s ON s.relid = c.oid
      WHERE ${partsSql(shape)}`,
    [shape.oid],
  );
  const figures = {
    rows: row?.rows == null ? null : Number(row.rows),
    dead: Number(row?.dead ?? 0),
    changed: Number(row?.changed ?? 0),
    analyzed: row?.analyzed === "true",
    heapBytes: Number(row?.heap ?? 0),
    tableBytes: Number(row?.table ?? 0),
    indexBytes: Number(row?.indexes ?? 0),
    totalBytes: Number(row?.total ?? 0),
  };
  if (SPREAD.includes(shape.kind))
    return { ...figures, ...(await shardFigures(session, shape)), bloatBytes: 0 };
  return { ...figures, bloatBytes: await heapBloat(session, shape, figures.heapBytes, figures.rows) };
}

/** Of Citus' shards: the coordinator counts none of what the workers change. */
async function shardFigures(session: Session, shape: PgShape): Promise<Partial<Figures>> {
  if (shape.kind === "hypertable") return {};
  const asked = await attempt(session, () => session.query(shardDeadSql(shape.ref)));
  return asked.ok ? deadOfShards(asked.value) : {};
}

/** Bytes of the heap that hold nothing: measured where pgstattuple is, else estimated from average widths. */
async function heapBloat(
  session: Session,
  shape: PgShape,
  heapBytes: number,
  rows: number | null,
): Promise<number> {
  return (await measuredBloat(session, shape)) ?? estimatedBloat(session, shape, heapBytes, rows);
}

async function measuredBloat(session: Session, shape: PgShape): Promise<number | null> {
  const [extension] = await session.query(
    "SELECT n.nspname AS schema FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'pgstattuple'",
  );
  if (!extension?.schema || shape.kind === "partitioned") return null;
  await session.query(`SAVEPOINT strata_bloat; SET LOCAL statement_timeout = ${BLOAT_TIMEOUT_MS}`);
  try {
    const [row] = await session.query(
      `SELECT (approx_free_space + dead_tuple_len)::text AS bytes FROM ${ident(extension.schema)}.pgstattuple_approx(${literal(shape.oid)}::oid::regclass)`,
    );
    await session.query(`RELEASE SAVEPOINT strata_bloat; SET LOCAL statement_timeout = 60000`);
    return Number(row?.bytes ?? 0);
  } catch (error) {
    if (!["57014", "42501", "0A000"].includes(sqlState(error) ?? "")) throw error;
    await session.query("ROLLBACK TO SAVEPOINT strata_bloat");
    return null;
  }
}

async function estimatedBloat(
  session: Session,
  shape: PgShape,
  heapBytes: number,
  rows: number | null,
): Promise<number> {
  const [row] = await session.query(
    "SELECT sum(avg_width * (1 - null_frac))::text AS width FROM pg_stats WHERE schemaname = $1 AND tablename = $2 AND NOT inherited",
    [shape.ref.schema, shape.ref.name],
  );
  if (rows === null || row?.width == null) return 0;
  // 24 bytes of header, 4 of line pointer, alignment to 8; pages are filled to about 96 %.
  const rowBytes = 28 + Math.ceil(Number(row.width) / 8) * 8;
  return Math.max(0, Math.round(heapBytes - (rows * rowBytes) / 0.96));
}

function vacuumOffer(kind: "vacuum" | "vacuumAnalyze", figures: Figures): Offer {
  const all = (figures.rows ?? 0) + figures.dead;
  const share = all > 0 ? figures.dead / all : 0;
  const reusable = all > 0 ? Math.round((figures.dead / all) * figures.tableBytes) : 0;
  const verdict = worth(share, DEAD);
  return {
    action: { kind },
    plan: {
      lock: "maintenance",
      lockName: "SHARE UPDATE EXCLUSIVE",
      needsBytes: 0,
      returnsBytes: 0,
      reusableBytes: reusable,
      advice: {
        key: verdict === "no" ? "fewDeadRows" : "deadRows",
        worth: verdict,
        details: { percent: percent(share), rows: figures.dead },
      },
    },
  };
}

function analyzeOffer(figures: Figures): Offer {
  const share = figures.rows ? figures.changed / figures.rows : figures.changed > 0 ? 1 : 0;
  const verdict = figures.analyzed ? worth(share, STALE) : "yes";
  const key = !figures.analyzed ? "neverAnalyzed" : verdict === "no" ? "freshStatistics" : "staleStatistics";
  return {
    action: { kind: "analyze" },
    plan: {
      lock: "maintenance",
      lockName: "SHARE UPDATE EXCLUSIVE",
      needsBytes: 0,
      returnsBytes: 0,
      reusableBytes: 0,
      advice: { key, worth: verdict, details: { percent: percent(share), rows: figures.changed } },
    },
  };
}

function fullOffer(figures: Figures): Offer {
  const share = figures.heapBytes > 0 ? figures.bloatBytes / figures.heapBytes : 0;
  const verdict = worth(share, BLOAT);
  return {
    action: { kind: "vacuumFull" },
    plan: {
      lock: "all",
      lockName: "ACCESS EXCLUSIVE",
      needsBytes: Math.max(0, figures.totalBytes - figures.bloatBytes),
      returnsBytes: figures.bloatBytes,
      reusableBytes: 0,
      advice: {
        key: verdict === "no" ? "tableFit" : "tableBloat",
        worth: verdict,
        details: { percent: percent(share), bytes: figures.bloatBytes },
      },
    },
  };
}

interface IndexBloat {
  name: string;
  sizeBytes: number;
  bloatBytes: number;
  valid: boolean;
}

/** Estimated for B-trees: entries of average width in pages three quarters full, as random inserts leave them. */
async function indexBloat(session: Session, shape: PgShape): Promise<IndexBloat[]> {
  const rows = await session.query(
    `SELECT c.relname AS name, pg_relation_size(c.oid)::text AS size, c.reltuples::text AS rows, i.indisvalid::text AS valid,
            am.amname AS method, (i.indexprs IS NULL)::text AS plain,
            (SELECT sum(s.avg_width) FROM pg_attribute a JOIN pg_stats s ON s.attname = a.attname AND s.schemaname = $2 AND s.tablename = $3 AND NOT s.inherited
              WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey::int2[]))::text AS width
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam WHERE i.indrelid = $1::oid`,
    [shape.oid, shape.ref.schema, shape.ref.name],
  );
  return rows.map((row) => {
    const sizeBytes = Number(row.size ?? 0);
    const known = row.method === "btree" && row.plain === "true" && row.width != null && Number(row.rows) > 0;
    // 8 bytes of entry header, 4 of line pointer.
    const entry = 12 + Math.ceil(Number(row.width ?? 0) / 8) * 8;
    const wanted = known ? Math.ceil((Number(row.rows) * entry) / 0.75) + 16_384 : sizeBytes;
    return {
      name: row.name ?? "",
      sizeBytes,
      bloatBytes: Math.max(0, sizeBytes - wanted),
      valid: row.valid === "true",
    };
  });
}

async function reindexOffer(session: Session, shape: PgShape, figures: Figures): Promise<Offer> {
  const indexes = await indexBloat(session, shape);
  const bloat = indexes.reduce((sum, index) => sum + index.bloatBytes, 0);
  return {
    action: { kind: "reindex" },
    plan: reindexPlan(
      figures.indexBytes,
      bloat,
      indexes.every((index) => index.valid),
      "",
    ),
  };
}

/** Indexes that are worth rebuilding by themselves, or unusable as they are. */
async function singleIndexOffers(session: Session, shape: PgShape): Promise<Offer[]> {
  const indexes = await indexBloat(session, shape);
  return indexes
    .filter((index) => !index.valid || index.bloatBytes > BLOAT.maybe * index.sizeBytes)
    .sort((a, b) => b.bloatBytes - a.bloatBytes)
    .map((index) => ({
      action: { kind: "reindex", index: index.name },
      plan: reindexPlan(index.sizeBytes, index.bloatBytes, index.valid, index.name),
    }));
}

function reindexPlan(sizeBytes: number, bloatBytes: number, valid: boolean, index: string): Offer["plan"] {
  const share = sizeBytes > 0 ? bloatBytes / sizeBytes : 0;
  const verdict = valid ? worth(share, BLOAT) : "yes";
  return {
    lock: "maintenance",
    lockName: "SHARE UPDATE EXCLUSIVE",
    needsBytes: Math.max(0, sizeBytes - bloatBytes),
    returnsBytes: bloatBytes,
    reusableBytes: 0,
    advice: {
      key: !valid ? "invalidIndex" : verdict === "no" ? "indexFit" : "indexBloat",
      worth: verdict,
      details: { percent: percent(share), bytes: bloatBytes, index },
    },
  };
}
