import type { Cursor } from "@/lib/stores/batch";
import type { Server } from "@/lib/stores/mysql/connection";
import type { MyShape } from "@/lib/stores/mysql/describe";
import { literalOf, type MyColumn, textSql } from "@/lib/stores/mysql/mapper";
import { compareRow, orderBy, timeRange } from "@/lib/stores/mysql/scope-sql";
import { columnOf } from "@/lib/stores/mysql/shapes";
import { col, ident, literal, tableName } from "@/lib/stores/mysql/sql";
import type { RowQuery } from "@/lib/stores/rows";

/** A search with its columns looked up. */
export interface MyQuery {
  query: RowQuery;
  shape: MyShape;
  time: MyColumn | null;
  key: readonly MyColumn[];
  /** Time, then key. */
  order: readonly MyColumn[];
  texts: readonly MyColumn[];
  columns: readonly MyColumn[];
  /** Columns of a FULLTEXT index with the ngram parser that covers all texts; null: there is none to rely on. */
  ngram: readonly string[] | null;
  ngramSize: number;
}

export function resolveQuery(
  shape: MyShape,
  query: RowQuery,
  ngram: { columns: readonly string[]; size: number } | null,
): MyQuery {
  const time = query.time ? columnOf(shape, query.time.column) : null;
  const key = query.key.map((name) => columnOf(shape, name));
  const rest = key.filter((column) => column.name !== time?.name);
  return {
    query,
    shape,
    time,
    key,
    order: time ? [time, ...rest] : key,
    texts: query.textColumns.map((name) => columnOf(shape, name)),
    columns: query.columns.map((name) => columnOf(shape, name)),
    ngram: ngram?.columns ?? null,
    ngramSize: ngram?.size ?? 0,
  };
}

/** Rows strictly between two positions, newest first: `before` is the newer one. */
export interface Span {
  before: Cursor | null;
  /** Included. */
  downTo: Cursor | null;
}

export function searchSql(
  found: MyQuery,
  span: Span,
  limit: number,
  server: Server,
  timeoutMs: number,
): string {
  const { shape, order } = found;
  const where = conditions(found, span).join(" AND ") || "TRUE";
  const sorted = order.length > 0 ? ` ORDER BY ${orderBy(order, "r", " DESC")}` : "";
  return `${timed(server, timeoutMs)} ${outputs(found)} FROM ${tableName(shape.ref)} r${hint(found)} WHERE ${where}${sorted} LIMIT ${limit}`;
}

/** The oldest position of the next `rows` rows of the span, whatever they hold: a slice to search in. */
export function sliceSql(
  found: MyQuery,
  span: Span,
  rows: number,
  server: Server,
  timeoutMs: number,
): string {
  const where = bounds(found, span).join(" AND ") || "TRUE";
  const texts = found.order.map((column, at) => `${textSql(column, col("r", column.name))} AS c${at}`);
  return `${timed(server, timeoutMs)} ${texts.join(", ")} FROM ${tableName(found.shape.ref)} r${hint(found)} WHERE ${where} ORDER BY ${orderBy(found.order, "r", " DESC")} LIMIT 1 OFFSET ${rows - 1}`;
}

/** SELECT with the server's own time limit, which ends the statement and not the connection. */
function timed(server: Server, timeoutMs: number): string {
  const ms = Math.max(1, Math.floor(timeoutMs));
  return server.mariadb
    ? `SET STATEMENT max_statement_time = ${ms / 1_000} FOR SELECT`
    : `SELECT /*+ MAX_EXECUTION_TIME(${ms}) */`;
}

/** Newest first along the time's index: the server would rather read the whole table and sort it. */
function hint(found: MyQuery): string {
  if (!found.time || found.ngram || found.query.equals.length > 0) return "";
  const first = found.time.name;
  const index = found.shape.indexes.find(({ method, columns }) => method === "btree" && columns[0] === first);
  return index ? ` FORCE INDEX (${ident(index.name)})` : "";
}

function bounds(found: MyQuery, span: Span): string[] {
  const { query, time, order } = found;
  const parts: string[] = [];
  // Rows without a time have no place in the order: a page could neither reach nor pass them.
  if (time && query.time)
    parts.push(...timeRange({ time: query.time, fromUs: query.fromUs, untilUs: query.untilUs }, time, "r"));
  if (span.before) parts.push(compareRow(order, "r", "<", span.before));
  if (span.downTo) parts.push(compareRow(order, "r", ">=", span.downTo));
  return parts;
}

function conditions(found: MyQuery, span: Span): string[] {
  const parts = bounds(found, span);
  for (const { column, value } of found.query.equals)
    parts.push(equalSql(columnOf(found.shape, column), value));
  for (const term of found.query.terms) parts.push(termSql(found, term));
  return parts;
}

/** Equal to the byte; the column's own comparison comes along for its index. */
function equalSql(column: MyColumn, value: string): string {
  const name = col("r", column.name);
  if (column.physical === "int64") return /^-?\d+$/.test(value) ? `${name} = ${value}` : "FALSE";
  const exact = `CAST(${textSql(column, name)} AS BINARY) = CAST(${literal(value)} AS BINARY)`;
  const indexable =
    ["char", "varchar", "enum", "set"].includes(column.dataType) && column.charset?.startsWith("utf8");
  return indexable ? `${name} = ${literalOf(column, value)} AND ${exact}` : exact;
}

/** Without regard to case, and to nothing else, whatever the column's collation. */
const lowered = (column: MyColumn): string => {
  const value = col("r", column.name);
  const text = column.physical === "text" ? value : textSql(column, value);
  return `LOWER(CONVERT(${text} USING utf8mb4)) COLLATE utf8mb4_bin`;
};

function termSql(found: MyQuery, term: string): string {
  if (found.texts.length === 0) return "FALSE";
  const pattern = `CONCAT('%', LOWER(${literal(term.replace(/[|%_]/g, "|$&"))}), '%')`;
  const parts = found.texts.map((column) => `${lowered(column)} LIKE ${pattern} ESCAPE '|'`);
  return [...matchSql(found, term), `(${parts.join(" OR ")})`].join(" AND ");
}

/**
 * With an ngram index only rows that hold the term's pieces in a row are looked at; what they hold is compared all the
 * same. Only for terms without blanks and signs, which the parser leaves out, and that are as long as one piece.
 */
function matchSql(found: MyQuery, term: string): string[] {
  if (!found.ngram || [...term].length < found.ngramSize || !/^[\p{L}\p{N}]+$/u.test(term)) return [];
  const columns = found.ngram.map((name) => col("r", name)).join(", ");
  return [`MATCH (${columns}) AGAINST (${literal(`"${term}"`)} IN BOOLEAN MODE)`];
}

function outputs(found: MyQuery): string {
  const { key, order, texts, columns, query } = found;
  const text = (column: MyColumn) => textSql(column, col("r", column.name));
  const parts = [
    ...order.map((column, at) => `${text(column)} AS c${at}`),
    ...key.map((column, at) => `${text(column)} AS k${at}`),
    ...columns.map((column, at) => `${texts.includes(column) ? "NULL" : text(column)} AS v${at}`),
    ...texts.map((column, at) => `${snippetSql(column, query)} AS t${at}`),
  ];
  return parts.length > 0 ? parts.join(", ") : "1 AS one";
}

/** A window of the text around the first match of any term, cut by the server: a value may be 100 MB. */
function snippetSql(column: MyColumn, query: RowQuery): string {
  const chars = Math.max(1, Math.floor(query.snippetChars));
  const value = col("r", column.name);
  const text = `CONVERT(${column.physical === "text" ? value : textSql(column, value)} USING utf8mb4)`;
  if (query.terms.length === 0) return `LEFT(${text}, ${chars})`;
  const hits = query.terms.map(
    (term) => `NULLIF(LOCATE(LOWER(${literal(term)}) COLLATE utf8mb4_bin, ${lowered(column)}), 0)`,
  );
  const first =
    hits.length > 1 ? `LEAST(${hits.map((hit) => `IFNULL(${hit}, 4294967295)`).join(", ")})` : hits[0];
  const from = `GREATEST(1, IF(IFNULL(${first}, 4294967295) = 4294967295, 1, ${first}) - ${Math.floor(chars / 3)})`;
  return `IF(LENGTH(${value}) <= ${chars}, ${text}, SUBSTRING(${text}, ${from}, ${chars}))`;
}
