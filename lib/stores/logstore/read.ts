import type { Batch, Cursor, RowKey } from "@/lib/stores/batch";
import { addDigests, type DigestSum, emptyDigest } from "@/lib/stores/digest";
import type { LogHandle, Row } from "@/lib/stores/logstore/client";
import { identifier, valueLiteral } from "@/lib/stores/logstore/literal";
import { type LogColumn, vectorsOf } from "@/lib/stores/logstore/mapper";
import { onlyMember, type Shapes } from "@/lib/stores/logstore/shapes";
import {
  currentRows,
  type LogScope,
  literalKind,
  orderBy,
  orderColumns,
  pageSql,
} from "@/lib/stores/logstore/sql";
import { monthEndUs, monthOfUs, usOf } from "@/lib/stores/logstore/time";
import { rowDigests } from "@/lib/stores/row-digest";
import type { FamilyMember, FamilyScope, ReadOptions, Window } from "@/lib/stores/rows";

/** Rows of the first page: before their size is known, few enough to hold whatever they are (a log has at most 1 MB). */
const FIRST_PAGE_ROWS = 50;
const MOST_PAGE_ROWS = 5_000;
/** Keys of one look-up: a statement stays far below what the service takes. */
const FIND_CHUNK = 200;
const MAX_FOUND = 1_000;
const COUNT_BATCH = { batchRows: 5_000, batchBytes: 8 << 20 };

/**
 * Current rows in (time, key) order, page by page from where the last one ended: there are no cursors on the server.
 * A page is as large as the rows before it let expect. Resumable anywhere; rows that arrive behind the position are
 * not seen.
 */
export async function* readRows(
  handle: LogHandle,
  shapes: Shapes,
  family: FamilyScope,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const scope = await shapes.scope(onlyMember(family), family.time, family, signal);
  const extra = orderColumns(scope).filter(({ name }) => !scope.columns.some((one) => one.name === name));
  const asked = [...scope.columns, ...extra];
  const pages = new Pager(options.batchBytes);
  let after = options.after;
  for (let done = false; !done; ) {
    const rows: Row[] = [];
    let bytes = 0;
    while (!done && rows.length < options.batchRows && bytes < options.batchBytes) {
      const limit = pages.next(options.batchRows - rows.length, options.batchBytes - bytes);
      const page = await handle.query(pageSql(scope, asked, { after, upTo: options.upTo }, limit), signal);
      const pageBytes = page.reduce((sum, row) => sum + rowBytes(row), 0);
      pages.seen(page.length, pageBytes);
      rows.push(...page);
      bytes += pageBytes;
      done = page.length < limit;
      const last = page.at(-1);
      if (last) after = cursorOf(scope, asked, last);
    }
    if (rows.length === 0) return;
    yield batchOf(scope, asked, rows, options.digests);
  }
}

/** How many rows the next page may have. */
class Pager {
  private rows = 0;
  private bytes = 0;
  private last = 0;

  constructor(private readonly batchBytes: number) {}

  next(wantedRows: number, roomBytes: number): number {
    if (this.rows === 0) return Math.min(wantedRows, FIRST_PAGE_ROWS);
    const mean = Math.max(1, this.bytes / this.rows);
    const fitting = Math.ceil(Math.min(roomBytes, this.batchBytes) / mean);
    return Math.max(1, Math.min(wantedRows, fitting, this.last * 4, MOST_PAGE_ROWS));
  }

  seen(rows: number, bytes: number): void {
    this.rows += rows;
    this.bytes += bytes;
    this.last = Math.max(this.last, rows, FIRST_PAGE_ROWS);
  }
}

const rowBytes = (row: Row): number => row.reduce((sum, value) => sum + (value?.length ?? 0), 0);

function cursorOf(scope: LogScope, columns: readonly LogColumn[], row: Row): Cursor {
  const at = ({ name }: LogColumn) => row[columns.findIndex((one) => one.name === name)] ?? "";
  return [...(scope.time ? [at(scope.time.column)] : []), ...scope.key.map(at)];
}

export function batchOf(
  scope: LogScope,
  columns: readonly LogColumn[],
  rows: readonly Row[],
  digests: boolean,
): Batch {
  const vectors = vectorsOf(scope.columns, rows);
  return {
    rowCount: rows.length,
    vectors,
    digests: digests ? rowDigests(vectors, rows.length) : [],
    sizeBytes: rows.reduce((sum, row) => sum + rowBytes(row), 0),
    end: rows.length > 0 ? cursorOf(scope, columns, rows[rows.length - 1] ?? []) : [],
  };
}

/** The next slice after `after`: at most `maxRows` rows of one UTC month. Reads time and key alone. */
export async function nextWindow(
  handle: LogHandle,
  shapes: Shapes,
  family: FamilyScope,
  after: Cursor | null,
  maxRows: number,
  signal: AbortSignal,
): Promise<Window | null> {
  const scope = await shapes.scope(onlyMember(family), family.time, family, signal);
  const columns = orderColumns(scope);
  const slice = (part: LogScope, limit: number) =>
    handle.query(pageSql(part, columns, { after, upTo: null }, limit), signal);
  const [first] = await slice(scope, 1);
  if (!first) return null;
  const us = usOf(family.time.unit, cursorOf(scope, columns, first)[0] ?? "");
  // Texts that are no instants belong to the first month there is.
  const month = us === null ? "0001-01" : monthOfUs(us);
  const end = us === null ? null : monthEndUs(month);
  const untilUs = end === null || (scope.untilUs !== null && scope.untilUs < end) ? scope.untilUs : end;
  const rows = await slice({ ...scope, untilUs }, maxRows);
  const last = rows.at(-1);
  return last ? { end: cursorOf(scope, columns, last), rowCount: rows.length, month } : null;
}

/** Current rows by key, in the order of their keys; missing keys are left out. */
export async function findRows(
  handle: LogHandle,
  shapes: Shapes,
  member: Pick<FamilyMember, "table" | "key" | "columns">,
  keys: readonly RowKey[],
  signal: AbortSignal,
): Promise<Batch> {
  const scope = await shapes.scope(member, null, { fromUs: null, untilUs: null }, signal);
  const rows: Row[] = [];
  const wanted = keys.slice(0, MAX_FOUND);
  for (let from = 0; from < wanted.length; from += FIND_CHUNK) {
    const some = wanted.slice(from, from + FIND_CHUNK);
    rows.push(...(await handle.query(findSql(scope, some), signal)));
  }
  return batchOf(scope, scope.columns, rows, true);
}

function findSql(scope: LogScope, keys: readonly RowKey[]): string {
  const names = scope.columns.map(({ name }) => identifier(name)).join(", ");
  const rows = currentRows(scope, scope.columns, [keysIn(scope.key, keys)]);
  return `SELECT ${names} FROM ${rows} ORDER BY ${orderBy(scope, "ASC")} LIMIT ${keys.length}`;
}

function keysIn(columns: readonly LogColumn[], keys: readonly RowKey[]): string {
  const literal = (column: LogColumn, text: string) => valueLiteral(literalKind(column), text);
  const [only, ...more] = columns;
  if (only && more.length === 0)
    return `${identifier(only.name)} IN (${keys.map((key) => literal(only, key[0] ?? "")).join(", ")})`;
  const each = keys.map((key) =>
    columns
      .map((column, at) => `${identifier(column.name)} = ${literal(column, key[at] ?? "")}`)
      .join(" AND "),
  );
  return `(${each.map((one) => `(${one})`).join(" OR ")})`;
}

/** Exact number and digest of the rows in scope: reads all of them. */
export async function countRows(
  handle: LogHandle,
  shapes: Shapes,
  family: FamilyScope,
  signal: AbortSignal,
): Promise<DigestSum[]> {
  const options = { member: 0, after: null, upTo: null, digests: true, ...COUNT_BATCH };
  let sum = emptyDigest();
  for await (const batch of readRows(handle, shapes, family, options, signal))
    sum = addDigests(sum, batch.digests);
  return [sum];
}
