import type { Cursor } from "@/lib/stores/batch";
import type { PgHandle, Row } from "@/lib/stores/postgres/client";
import { sqlState } from "@/lib/stores/postgres/errors";
import { keyOf } from "@/lib/stores/postgres/keys";
import { type PgQuery, resolveQuery, type Span, searchSql, sliceSql } from "@/lib/stores/postgres/search-sql";
import type { Shapes } from "@/lib/stores/postgres/shapes";
import { cursorOf } from "@/lib/stores/postgres/window";
import type { FoundRow, RowPage, RowQuery } from "@/lib/stores/store";

/** Share of the time that one statement over everything gets; the rest is for going back slice by slice. */
const WHOLE_SHARE = 0.6;
const FIRST_SLICE_ROWS = 2_000;
const MAX_SLICE_ROWS = 200_000;
/** Below this a statement is not worth starting. */
const MIN_STATEMENT_MS = 20;

/** A filter value that is no value of its column's type is no error: no row has it. */
const NOT_A_VALUE = new Set(["22P02", "22003", "22007", "22008", "22023"]);

/**
 * A page of matches, newest first. One statement, left to the planner (time index for frequent words, trigram
 * index for rare ones). If time runs out, slices from the newest on are searched for as long as there is time
 * left, and the page says where it stopped. Rows whose time is NULL are in no page.
 */
export async function searchRows(
  handle: PgHandle,
  shapes: Shapes,
  query: RowQuery,
  signal: AbortSignal,
): Promise<RowPage> {
  const deadline = Date.now() + query.timeoutMs;
  const shape = await handle.run({ signal, timeoutMs: query.timeoutMs }, (session) =>
    shapes.of(session, query.table),
  );
  const search = new Search(handle, resolveQuery(shape, query), deadline, signal);
  try {
    return await search.run();
  } catch (error) {
    if (NOT_A_VALUE.has(sqlState(error) ?? "")) return { rows: [], next: null, incomplete: false };
    throw error;
  }
}

class Search {
  constructor(
    private readonly handle: PgHandle,
    private readonly found: PgQuery,
    private readonly deadline: number,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<RowPage> {
    const { query } = this.found;
    const span = { before: query.after, downTo: null };
    try {
      const rows = await this.fetch(span, query.limit + 1, query.timeoutMs * WHOLE_SHARE);
      return page(rows, query.limit);
    } catch (error) {
      if (sqlState(error) !== "57014" || this.signal.aborted) throw error;
    }
    return this.backwards();
  }

  /** From the newest row on, in slices that grow while they are quick. */
  private async backwards(): Promise<RowPage> {
    const { query } = this.found;
    const rows: FoundRow[] = [];
    let at: Cursor | null = query.after;
    let size = FIRST_SLICE_ROWS;
    while (this.found.order.length > 0 && this.left() > MIN_STATEMENT_MS) {
      const begun = Date.now();
      const slice = await this.slice(at, size, query.limit + 1 - rows.length);
      if (slice === null) break;
      rows.push(...slice.rows);
      if (rows.length > query.limit) return page(rows, query.limit);
      if (slice.end === null) return { rows, next: null, incomplete: false };
      at = slice.end;
      if (Date.now() - begun < this.left() / 8) size = Math.min(MAX_SLICE_ROWS, size * 2);
    }
    return { rows, next: at, incomplete: true };
  }

  /** Matches of the next `size` rows and where they end; null: no time for it. */
  private async slice(
    before: Cursor | null,
    size: number,
    limit: number,
  ): Promise<{ rows: FoundRow[]; end: Cursor | null } | null> {
    try {
      const { sql, values } = sliceSql(this.found, { before, downTo: null }, size);
      const [edge] = await this.query(sql, values.params, this.left());
      const end = edge ? cursorOf(edge, this.found.order.length) : null;
      return { rows: await this.fetch({ before, downTo: end }, limit, this.left()), end };
    } catch (error) {
      if (sqlState(error) === "57014" && !this.signal.aborted) return null;
      throw error;
    }
  }

  private async fetch(span: Span, limit: number, timeoutMs: number): Promise<FoundRow[]> {
    const { sql, values } = searchSql(this.found, span, limit);
    const rows = await this.query(sql, values.params, timeoutMs);
    return rows.map((row) => foundRow(this.found, row));
  }

  private query(sql: string, params: readonly (string | Buffer | null)[], timeoutMs: number): Promise<Row[]> {
    const options = { signal: this.signal, timeoutMs: Math.max(1, Math.floor(timeoutMs)) };
    return this.handle.run(options, (session) => session.query(sql, params));
  }

  private left(): number {
    return this.deadline - Date.now();
  }
}

/** One row more than asked for was fetched: it only tells that there is more. */
function page(rows: readonly FoundRow[], limit: number): RowPage {
  const shown = rows.slice(0, limit);
  const next = rows.length > limit ? (shown.at(-1)?.cursor ?? null) : null;
  return { rows: shown, next, incomplete: false };
}

function foundRow(found: PgQuery, row: Row): FoundRow {
  const values: Record<string, string | null> = {};
  found.columns.forEach((column, at) => {
    values[column.name] = row[`v${at}`] ?? null;
  });
  found.texts.forEach((column, at) => {
    values[column.name] = row[`t${at}`] ?? null;
  });
  return {
    key: keyOf(found.key, row),
    cursor: cursorOf(row, found.order.length),
    timeUs: row.us == null ? null : BigInt(row.us),
    values,
  };
}
