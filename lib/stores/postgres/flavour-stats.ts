import { attempt, orElse } from "@/lib/stores/postgres/attempt";
import {
  ONE_CITUS_TABLE_SQL,
  REBALANCE_SQL,
  rebalanceAdvice,
  rowsOfShards,
  shardRowsSql,
} from "@/lib/stores/postgres/citus";
import type { Row, Session } from "@/lib/stores/postgres/client";
import type { PgShape } from "@/lib/stores/postgres/describe";
import { flavourOf } from "@/lib/stores/postgres/flavour";
import { tableName } from "@/lib/stores/postgres/sql";
import {
  CHUNKS_SQL,
  COMPRESSION_SQL,
  compressionAdvice,
  compressionFigures,
  hypertableSizes,
  JOBS_SQL,
  oneHypertableSql,
  retentionOf,
} from "@/lib/stores/postgres/timescale";
import type { TableStats } from "@/lib/stores/table";

/** A table's figures where its rows lie elsewhere than in the relation of its name. */
export async function flavouredStats(
  session: Session,
  shape: PgShape,
  stats: TableStats,
): Promise<TableStats> {
  if (shape.kind === "hypertable") return hypertableStats(session, shape, stats);
  return ["distributed", "reference", "columnar"].includes(shape.kind)
    ? citusStats(session, shape, stats)
    : stats;
}

async function hypertableStats(session: Session, shape: PgShape, stats: TableStats): Promise<TableStats> {
  const { timescale } = await flavourOf(session);
  if (!timescale) return stats;
  const ask = async (sql: string, params: string[]): Promise<Row[] | string> => {
    const tried = await attempt(session, () => session.query(sql, params));
    return tried.ok ? tried.value : tried.reason;
  };
  const { schema, name } = shape.ref;
  const table = await ask(oneHypertableSql(timescale), [schema, name]);
  if (typeof table === "string" || !table[0]) {
    const reason = typeof table === "string" ? table : "it is not listed";
    return { ...stats, notes: [...stats.notes, `TimescaleDB does not tell its size: ${reason}`] };
  }
  const rowsOf = (answer: Row[] | string) => (typeof answer === "string" ? [] : answer);
  const [compression] = rowsOf(await ask(COMPRESSION_SQL(timescale), [tableName(shape.ref)]));
  const chunks = rowsOf(await ask(CHUNKS_SQL, [schema, name]));
  const jobs = rowsOf(await ask(JOBS_SQL, []));
  const retention = retentionOf(jobs, shape.ref).map(
    ({ after }) =>
      `A retention policy of TimescaleDB drops chunks older than ${after}: what it drops is in no archive unless it was archived before.`,
  );
  return {
    ...stats,
    ...hypertableSizes(table[0]),
    notes: [...stats.notes, ...retention],
    figures: compressionFigures(table[0], compression),
    advice: compressionAdvice(shape.ref, timescale, table[0], compression, chunks),
  };
}

async function citusStats(session: Session, shape: PgShape, stats: TableStats): Promise<TableStats> {
  const { schema, name } = shape.ref;
  const asked = await attempt(session, () => session.query(ONE_CITUS_TABLE_SQL, [schema, name]));
  const table = asked.ok ? asked.value[0] : undefined;
  if (!table) {
    const reason = asked.ok ? "it is not listed" : asked.reason;
    return { ...stats, notes: [...stats.notes, `Citus does not tell its size: ${reason}`] };
  }
  const shards = await attempt(session, () => session.query(shardRowsSql(shape.ref)));
  const rebalance = await attempt(session, () => session.query(REBALANCE_SQL));
  const total = Number(table.bytes ?? stats.totalBytes);
  const heap = Number(table.table ?? stats.heapBytes);
  return {
    ...stats,
    // A table that lies on the coordinator alone has its statistics there.
    rowCount: table.type === "local" ? stats.rowCount : rowsOfShards(orElse(shards, []), table.type ?? ""),
    heapBytes: heap,
    indexBytes: Math.max(0, total - heap),
    toastBytes: null,
    totalBytes: total,
    // The coordinator counts none of what the workers change.
    ...(table.type !== "local" && { deadRows: null, liveRows: null }),
    figures: [
      { key: "citusShards", value: Number(table.shards ?? 0), unit: "count" },
      ...(table.type === "distributed"
        ? [{ key: "distributedBy", value: table.column ?? "", unit: "text" } as const]
        : []),
    ],
    advice: rebalanceAdvice(orElse(rebalance, [])[0]),
  };
}
