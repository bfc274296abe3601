import type { Session } from "@/lib/stores/mysql/client";
import { describeTable, type MyShape, optional } from "@/lib/stores/mysql/describe";
import { errorNumber } from "@/lib/stores/mysql/errors";
import { isClock, usOf } from "@/lib/stores/mysql/instant";
import { textSql } from "@/lib/stores/mysql/mapper";
import { columnOf } from "@/lib/stores/mysql/shapes";
import { col, createIndexSql, literal, tableName } from "@/lib/stores/mysql/sql";
import type { Figure } from "@/lib/stores/store";
import type { TableAdvice, TableRef, TableStats, TimeColumn } from "@/lib/stores/table";
import { textForm } from "@/lib/stores/text-form";

/** Sizes and the age of a table from statistics; oldest and newest row where an index begins with the time. */
export async function tableStats(
  session: Session,
  ref: TableRef,
  time: TimeColumn | null,
): Promise<TableStats> {
  const shape = await describeTable(session, ref);
  const [row] = await session.query(
    `SELECT TABLE_ROWS AS n, DATA_LENGTH AS data, INDEX_LENGTH AS indexes, DATA_FREE AS free, ENGINE AS engine, ROW_FORMAT AS format,
            AUTO_INCREMENT AS next_id FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${literal(ref.schema)} AND TABLE_NAME = ${literal(ref.name)}`,
  );
  const number = (value: string | null | undefined) => (value == null ? null : Number(value));
  const notes: string[] = [];
  if (shape.engine.toLowerCase() === "innodb")
    notes.push("Rows are InnoDB's estimate and may be off by half; archives count them.");
  const edges = time ? await readEdges(session, shape, time, notes) : { oldestAt: null, newestAt: null };
  const heapBytes = Number(row?.data ?? 0);
  const indexBytes = Number(row?.indexes ?? 0);
  const freeBytes = number(row?.free);
  return {
    rowCount: number(row?.n),
    heapBytes,
    indexBytes,
    toastBytes: null,
    totalBytes: heapBytes + indexBytes,
    deadRows: null,
    liveRows: number(row?.n),
    lastVacuumAt: null,
    lastAnalyzeAt: await analyzedAt(session, ref),
    ...edges,
    indexes: shape.indexes,
    notes,
    figures: figuresOf(row?.engine ?? null, row?.format ?? null, freeBytes),
    advice: adviceOf(shape, time, heapBytes + indexBytes, freeBytes ?? 0),
  };
}

function figuresOf(engine: string | null, format: string | null, freeBytes: number | null): Figure[] {
  return [
    { key: "engine", value: engine, unit: "text" },
    { key: "rowFormat", value: format, unit: "text" },
    { key: "tableFree", value: freeBytes, unit: "bytes" },
  ];
}

/** Free space of a table's file from which on a rebuild is worth to be thought of. */
const MIN_FREE_BYTES = 64 << 20;

/** What stands in the way of an archive, and space that a rebuild would give back. */
function adviceOf(
  shape: MyShape,
  time: TimeColumn | null,
  totalBytes: number,
  freeBytes: number,
): TableAdvice[] {
  if (shape.kind === "view") return [];
  const advice: TableAdvice[] = [];
  const copied = { action: null, worth: "yes" } as const;
  if (!shape.transactional) {
    const statements = [`ALTER TABLE ${tableName(shape.ref)} ENGINE = InnoDB`];
    advice.push({ ...copied, key: "engineNotTransactional", details: { engine: shape.engine }, statements });
  }
  if (
    time &&
    !shape.indexes.some(({ method, columns }) => method === "btree" && columns[0] === time.column)
  ) {
    const columns = [time.column, ...(shape.key ?? []).filter((name) => name !== time.column)];
    const statements = [createIndexSql(shape.ref, columns)];
    advice.push({ ...copied, key: "timeIndexMissing", details: { column: time.column }, statements });
  }
  const share = freeBytes / Math.max(1, totalBytes + freeBytes);
  if (freeBytes >= MIN_FREE_BYTES && share >= 0.1) {
    advice.push({
      key: "tableFreeSpace",
      worth: share >= 0.3 ? "yes" : "maybe",
      details: { percent: Math.round(share * 100), returnsBytes: freeBytes, needsBytes: totalBytes },
      action: { kind: "optimizeTable" },
      statements: [],
    });
  }
  return advice;
}

/** Needs SELECT on mysql.innodb_table_stats; null without. */
async function analyzedAt(session: Session, ref: TableRef): Promise<string | null> {
  const rows = await optional(
    session,
    `SELECT DATE_FORMAT(MAX(last_update), '%Y-%m-%dT%H:%i:%sZ') AS at FROM mysql.innodb_table_stats
      WHERE database_name = ${literal(ref.schema)} AND (table_name = ${literal(ref.name)} OR table_name LIKE ${literal(`${ref.name.replace(/[\\%_]/g, "\\$&")}#p#%`)})`,
  );
  return rows?.[0]?.at ?? null;
}

/** The oldest and newest time, by an index: without one it would be a scan. */
async function readEdges(session: Session, shape: MyShape, time: TimeColumn, notes: string[]) {
  const none = { oldestAt: null, newestAt: null };
  const column = columnOf(shape, time.column);
  if (!shape.indexes.some((index) => index.method === "btree" && index.columns[0] === column.name)) {
    notes.push(`No index begins with ${column.name}: the oldest and newest row are not known.`);
    return none;
  }
  const value = col("r", column.name);
  const real = isClock(time.unit) ? `${value} >= '1000-01-01'` : `${value} IS NOT NULL`;
  const stamp = column.dataType === "timestamp" ? `${value} >= '1970-01-01 00:00:01'` : real;
  const edge = async (direction: string) => {
    const [row] = await session.query(
      `SELECT ${textSql(column, value)} AS t FROM ${tableName(shape.ref)} r WHERE ${stamp} ORDER BY ${value} ${direction} LIMIT 1`,
    );
    return row?.t == null ? null : isoOf(usOf(time.unit, row.t));
  };
  try {
    return { oldestAt: await edge("ASC"), newestAt: await edge("DESC") };
  } catch (error) {
    if (errorNumber(error) !== 1142 && errorNumber(error) !== 1143) throw error;
    notes.push("The right SELECT on this table is missing: the oldest and newest row are not known.");
    return none;
  }
}

function isoOf(us: bigint | null): string | null {
  const text = us === null ? null : textForm("timestamp", us);
  return text !== null && /^\d{4}-/.test(text) ? `${text.replace(" ", "T")}Z` : null;
}
