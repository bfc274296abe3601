import type { Cursor } from "@/lib/stores/batch";
import type { PgShape } from "@/lib/stores/postgres/describe";
import { microsSql } from "@/lib/stores/postgres/instant";
import { type PgColumn, textExpression } from "@/lib/stores/postgres/mapper";
import { compareRow, orderBy, timeRange } from "@/lib/stores/postgres/scope-sql";
import { columnOf, PLACE } from "@/lib/stores/postgres/shapes";
import { col, parameters, tableName, type Values } from "@/lib/stores/postgres/sql";
import type { RowQuery } from "@/lib/stores/rows";

/** A search with its columns looked up. */
export interface PgQuery {
  query: RowQuery;
  shape: PgShape;
  time: PgColumn | null;
  key: readonly PgColumn[];
  /** Time, then key. */
  order: readonly PgColumn[];
  texts: readonly PgColumn[];
  columns: readonly PgColumn[];
}

export function resolveQuery(shape: PgShape, query: RowQuery): PgQuery {
  const time = query.time ? columnOf(shape, query.time.column) : null;
  const named = query.key.map((name) => columnOf(shape, name));
  const key = named.length > 0 ? named : shape.hasPlace ? [PLACE] : [];
  const rest = key.filter((column) => column.name !== time?.name);
  return {
    query,
    shape,
    time,
    key,
    order: time ? [time, ...rest] : key,
    texts: query.textColumns.map((name) => columnOf(shape, name)),
    columns: query.columns.map((name) => columnOf(shape, name)),
  };
}

/** Rows strictly between two positions, newest first: `before` is the newer one. */
export interface Span {
  before: Cursor | null;
  /** Included. */
  downTo: Cursor | null;
}

export function searchSql(found: PgQuery, span: Span, limit: number): { sql: string; values: Values } {
  const values = parameters();
  const { shape, order, texts, columns } = found;
  const inner = unique([...order, ...found.key, ...columns, ...texts]);
  const where = conditions(found, span, values);
  const sorted = order.length > 0 ? ` ORDER BY ${orderBy(order, "r", " DESC")}` : "";
  const outer = order.length > 0 ? ` ORDER BY ${orderBy(order, "q", " DESC")}` : "";
  return {
    sql: `SELECT ${outputs(found, values)} FROM (
  SELECT ${inner.map((column) => col("r", column.name)).join(", ")} FROM ${tableName(shape.ref)} r
   WHERE ${where.join(" AND ") || "true"}${sorted} LIMIT ${limit}) q${outer}`,
    values,
  };
}

/** The oldest position of the next `rows` rows of the span, whatever they hold: a slice to search in. */
export function sliceSql(found: PgQuery, span: Span, rows: number): { sql: string; values: Values } {
  const values = parameters();
  const where = boundsOnly(found, span, values);
  const texts = found.order.map((column, at) => `${textExpression(column, col("q", column.name))} AS c${at}`);
  return {
    sql: `SELECT ${texts.join(", ")} FROM (
  SELECT ${found.order.map((column) => col("r", column.name)).join(", ")} FROM ${tableName(found.shape.ref)} r
   WHERE ${where.join(" AND ") || "true"} ORDER BY ${orderBy(found.order, "r", " DESC")} OFFSET ${rows - 1} LIMIT 1) q`,
    values,
  };
}

function boundsOnly(found: PgQuery, span: Span, values: Values): string[] {
  const { query, time, order } = found;
  const parts: string[] = [];
  if (time && query.time) {
    // Rows without a time have no place in the order: a page could neither reach nor pass them.
    if (query.fromUs === null && query.untilUs === null) parts.push(`${col("r", time.name)} IS NOT NULL`);
    else
      parts.push(
        ...timeRange({ time: query.time, fromUs: query.fromUs, untilUs: query.untilUs }, time, "r", values),
      );
  }
  if (span.before) parts.push(compareRow(order, "r", "<", span.before, values));
  if (span.downTo) parts.push(compareRow(order, "r", ">=", span.downTo, values));
  return parts;
}

function conditions(found: PgQuery, span: Span, values: Values): string[] {
  const parts = boundsOnly(found, span, values);
  for (const { column, value } of found.query.equals) {
    const shape = columnOf(found.shape, column);
    // json has no equality of its own.
    const left = shape.baseType === "json" ? `${col("r", column)}::text` : col("r", column);
    parts.push(`${left} = ${values.text(value)}::${shape.baseType === "json" ? "text" : shape.castType}`);
  }
  for (const term of found.query.terms) parts.push(termSql(found, term, values));
  return parts;
}

function termSql(found: PgQuery, term: string, values: Values): string {
  if (found.texts.length === 0) return "false";
  const pattern = values.text(`%${term.replace(/[\\%_]/g, "\\$&")}%`);
  const parts = found.texts.map(
    (column) => `${textExpression(column, col("r", column.name))} ILIKE ${pattern}::text`,
  );
  return `(${parts.join(" OR ")})`;
}

function outputs(found: PgQuery, values: Values): string {
  const { query, time, key, order, texts, columns } = found;
  const text = (column: PgColumn) => textExpression(column, col("q", column.name));
  const parts = [
    ...order.map((column, at) => `${text(column)} AS c${at}`),
    ...key.map((column, at) => `${text(column)} AS k${at}`),
    ...columns.map((column, at) => `${texts.includes(column) ? "NULL" : text(column)} AS v${at}`),
    ...texts.map((column, at) => `${snippetSql(text(column), query, values)} AS t${at}`),
  ];
  if (time && query.time) parts.push(`${microsSql(query.time.unit, col("q", time.name))} AS us`);
  return parts.length > 0 ? parts.join(", ") : "1 AS one";
}

/** A window of the text around the first match of any term, cut by the server: a value may be 100 MB. */
function snippetSql(text: string, query: RowQuery, values: Values): string {
  const chars = Math.max(1, Math.floor(query.snippetChars));
  if (query.terms.length === 0) return `left(${text}, ${chars})`;
  const lowered = `lower(${text})`;
  const hits = query.terms.map((term) => `nullif(strpos(${lowered}, lower(${values.text(term)}::text)), 0)`);
  const from = `greatest(1, coalesce(${hits.length > 1 ? `least(${hits.join(", ")})` : hits[0]}, 1) - ${Math.floor(chars / 3)})`;
  return `CASE WHEN octet_length(${text}) <= ${chars} THEN ${text} ELSE substr(${text}, ${from}, ${chars}) END`;
}

function unique(columns: readonly PgColumn[]): PgColumn[] {
  const seen = new Map(columns.map((column) => [column.name, column]));
  return [...seen.values()];
}
