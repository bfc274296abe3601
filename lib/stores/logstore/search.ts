import type { Cursor } from "@/lib/stores/batch";
import type { LogHandle, Row } from "@/lib/stores/logstore/client";
import { sqlState } from "@/lib/stores/logstore/errors";
import { countLiteral, identifier, textLiteral, valueLiteral } from "@/lib/stores/logstore/literal";
import type { LogColumn } from "@/lib/stores/logstore/mapper";
import { isTimeout } from "@/lib/stores/logstore/months";
import type { Shapes } from "@/lib/stores/logstore/shapes";
import {
  columnNamed,
  compare,
  currentRows,
  type LogScope,
  literalKind,
  orderBy,
  tableName,
  timeBounds,
} from "@/lib/stores/logstore/sql";
import { usOf } from "@/lib/stores/logstore/time";
import type { FoundRow, RowPage, RowQuery } from "@/lib/stores/rows";
import { textForm } from "@/lib/stores/text-form";

const DAY_US = 86_400_000_000n;
/** Share of the time that one query over everything may take, before it is done piece by piece. */
const WHOLE_SHARE = 0.5;
const LEAST_MS = 50;
/** A text that is no value of its column's type is no error: no row has it. */
const NOT_A_VALUE = new Set(["22P02", "22003", "22007", "22008"]);

/**
 * A page of matches, newest first. One query over the range; when that takes too long, from the newest row back in
 * spans of days that grow while they are quick. The page says where time ran out.
 */
export async function searchRows(
  handle: LogHandle,
  shapes: Shapes,
  query: RowQuery,
  signal: AbortSignal,
): Promise<RowPage> {
  const member = { table: query.table, key: query.key, columns: [] };
  const scope = await shapes.scope(member, query.time, query, signal);
  const deadline = Date.now() + query.timeoutMs;
  const run = (part: LogScope, after: Cursor | null, limit: number, timeoutMs: number) =>
    fetchRows(handle, part, { ...query, after, limit }, timeoutMs, signal);
  try {
    const rows = await run(scope, query.after, query.limit + 1, query.timeoutMs * WHOLE_SHARE);
    return pageOf(rows, query.limit);
  } catch (error) {
    if (NOT_A_VALUE.has(sqlState(error) ?? "")) return { rows: [], next: null, incomplete: false };
    if (!isTimeout(error) || signal.aborted || !scope.time) throw error;
  }
  return backwards(handle, scope, query, deadline, run, signal);
}

type Run = (part: LogScope, after: Cursor | null, limit: number, timeoutMs: number) => Promise<FoundRow[]>;

async function backwards(
  handle: LogHandle,
  scope: LogScope,
  query: RowQuery,
  deadline: number,
  run: Run,
  signal: AbortSignal,
): Promise<RowPage> {
  const left = () => deadline - Date.now();
  const rows: FoundRow[] = [];
  const stopped = (next: Cursor | null): RowPage => ({ rows, next, incomplete: true });
  let next: Cursor | null = query.after;
  try {
    const edges = await edgesOf(handle, scope, query.after, left(), signal);
    if (!edges) return { rows, next: null, incomplete: false };
    let until = edges.newest + 1n;
    for (let span = DAY_US; left() > LEAST_MS; ) {
      const from = until - span;
      const begun = Date.now();
      const part = { ...scope, fromUs: from, untilUs: until };
      rows.push(...(await run(part, query.after, query.limit + 1 - rows.length, left())));
      if (rows.length > query.limit) return pageOf(rows, query.limit);
      if (from <= edges.oldest) return { rows, next: null, incomplete: false };
      until = from;
      next = edgeCursor(scope, from);
      if (Date.now() - begun < left() / 8) span *= 2n;
    }
  } catch (error) {
    if (!isTimeout(error) || signal.aborted) throw error;
  }
  return stopped(next);
}

/** Oldest and newest instant of what is left of the range. */
async function edgesOf(
  handle: LogHandle,
  scope: LogScope,
  after: Cursor | null,
  timeoutMs: number,
  signal: AbortSignal,
) {
  if (!scope.time) return null;
  const name = identifier(scope.time.column.name);
  const where = timeBounds(scope, { after: null, upTo: after }).join(" AND ");
  const sql = `SELECT min(${name}), max(${name}) FROM ${tableName(scope.shape.ref)} WHERE ${where} LIMIT 1`;
  const [row] = await handle.query(sql, signal, timeoutMs);
  const [oldest, newest] = (row ?? []).map((text) =>
    text === null ? null : usOf(scope.time?.unit ?? "us", text),
  );
  return oldest == null || newest == null ? null : { oldest, newest };
}

/** Right before every row of an instant, in descending order: all rows from it on were looked at. */
function edgeCursor({ time, key }: LogScope, us: bigint): Cursor {
  const unit = time?.unit ?? "us";
  const perUnit = { s: 1_000_000n, ms: 1_000n, us: 1n }[unit as "s" | "ms" | "us"];
  const text = perUnit ? (us / perUnit).toString() : (textForm("timestamp", us) ?? "");
  return [text, ...key.map(({ physical }) => (physical === "int64" ? "-9223372036854775808" : ""))];
}

async function fetchRows(
  handle: LogHandle,
  scope: LogScope,
  query: RowQuery,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<FoundRow[]> {
  const found = columnsOf(scope, query);
  const sql = searchSql(scope, found, query);
  const rows = await handle.query(sql, signal, Math.max(LEAST_MS, timeoutMs));
  return rows.map((row) => foundRow(scope, found, row));
}

interface Asked {
  texts: LogColumn[];
  shown: LogColumn[];
}

const columnsOf = ({ shape }: LogScope, { textColumns, columns }: RowQuery): Asked => ({
  texts: textColumns.map((name) => columnNamed(shape, name)),
  shown: columns.map((name) => columnNamed(shape, name)),
});

function searchSql(scope: LogScope, { texts, shown }: Asked, query: RowQuery): string {
  const { terms, equals, after, limit, snippetChars } = query;
  const name = (column: LogColumn) => identifier(column.name);
  const equal = equals.map(({ column, value }) => {
    const found = columnNamed(scope.shape, column);
    return `${name(found)} = ${equalLiteral(found, value)}`;
  });
  const where = [
    ...scope.key.map((column) => `${name(column)} IS NOT NULL`),
    ...equal,
    ...terms.map((term) => termIn(texts, term)),
    ...(after ? [compare(scope, after, "<", false)] : []),
  ];
  const needed = [...texts, ...shown, ...equals.map(({ column }) => columnNamed(scope.shape, column))];
  // Rows after a position in descending order are no newer than it.
  const versions = timeBounds(scope, { after: null, upTo: after });
  const select = [
    ...(scope.time ? [name(scope.time.column)] : []),
    ...scope.key.map(name),
    ...shown.map(name),
    ...texts.map((column) => snippet(name(column), terms, snippetChars)),
  ];
  return `SELECT ${select.join(", ")} FROM ${currentRows(scope, needed, versions)} WHERE ${where.join(" AND ")} ORDER BY ${orderBy(scope, "DESC")} LIMIT ${countLiteral(limit)}`;
}

const TRUE = /^(t|true|y|yes|on|1)$/i;
const FALSE = /^(f|false|n|no|off|0)$/i;

/** What is no value of the column's type is left for the server to say so: then no row has it. */
function equalLiteral(column: LogColumn, value: string): string {
  if (literalKind(column) === "bool") {
    if (TRUE.test(value.trim())) return "true";
    if (FALSE.test(value.trim())) return "false";
  }
  return valueLiteral(literalKind(column), column.physical === "int64" ? value.trim() : value);
}

function termIn(texts: readonly LogColumn[], term: string): string {
  if (texts.length === 0) return "1 = 0";
  const literal = textLiteral(term);
  const parts = texts.map((column) => `strpos(lower(${identifier(column.name)}), lower(${literal})) > 0`);
  return `(${parts.join(" OR ")})`;
}

/** A window around the first match, which lies a third into it, as on every tier. */
function snippet(name: string, terms: readonly string[], chars: number): string {
  const size = countLiteral(chars);
  const lead = Math.floor(chars / 3);
  const places = terms.map((term) => `nullif(strpos(lower(${name}), lower(${textLiteral(term)})), 0)`);
  if (places.length === 0) return `substr(${name}, 1, ${size})`;
  const first = `coalesce(${[...places, "1"].join(", ")})`;
  const start = `CASE WHEN length(${name}) <= ${size} OR ${first} <= ${lead} THEN 1 ELSE ${first} - ${lead} END`;
  return `substr(${name}, ${start}, ${size})`;
}

function foundRow(scope: LogScope, { texts, shown }: Asked, row: Row): FoundRow {
  const times = scope.time ? 1 : 0;
  const key = scope.key.map((_, at) => row[times + at] ?? "");
  const from = times + key.length;
  const values: Record<string, string | null> = {};
  shown.forEach((column, at) => {
    values[column.name] = plain(column, row[from + at] ?? null);
  });
  texts.forEach((column, at) => {
    values[column.name] = row[from + shown.length + at] ?? null;
  });
  return {
    key,
    cursor: [...(scope.time ? [row[0] ?? ""] : []), ...key],
    timeUs: scope.time ? usOf(scope.time.unit, row[0] ?? "") : null,
    values,
  };
}

const plain = ({ physical }: LogColumn, text: string | null): string | null =>
  physical === "bool" && text !== null ? (text === "t" ? "true" : text === "f" ? "false" : text) : text;

/** One row more than asked for was fetched: it only tells that there is more. */
function pageOf(rows: readonly FoundRow[], limit: number): RowPage {
  const shown = rows.slice(0, limit);
  const next = rows.length > limit ? (shown.at(-1)?.cursor ?? null) : null;
  return { rows: shown, next, incomplete: false };
}
