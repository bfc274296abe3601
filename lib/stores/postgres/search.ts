import { StoreError } from "@/lib/errors";
import type { Cursor } from "@/lib/stores/batch";
import type { PgHandle, Row, Session } from "@/lib/stores/postgres/client";
import { sqlState } from "@/lib/stores/postgres/errors";
import { keyOf } from "@/lib/stores/postgres/keys";
import { type PgQuery, resolveQuery, type Span, searchSql, sliceSql } from "@/lib/stores/postgres/search-sql";
import type { Shapes } from "@/lib/stores/postgres/shapes";
import { cursorOf } from "@/lib/stores/postgres/window";
import type { FoundRow, RowPage, RowQuery } from "@/lib/stores/rows";

/** Share of the time that one statement over everything gets; the rest is for going back slice by slice. */
const WHOLE_SHARE = 0.6;
const FIRST_SLICE_ROWS = 2_000;
const MAX_SLICE_ROWS = 200_000;
/** Below this a statement is not worth starting. */
const MIN_STATEMENT_MS = 20;

/** A filter value that is no value of its column's type is no error: no row has it. */
const NOT_A_VALUE = new Set(["22P02", "22003", "22007", "22008", "22023"]);

/** Errors of a statement made from a shape that is outdated. */
const OUTDATED = new Set(["42703", "42P01", "42804", "42883"]);

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
  const search = new Search(handle, shapes, query, deadline, signal);
  try {
    return await search.run().catch((error: unknown) => {
      const state = error instanceof StoreError && error.code === "stale_plan" ? "42703" : sqlState(error);
      if (!OUTDATED.has(state ?? "")) throw error;
      shapes.forget();
      return search.run();
    });
  } catch (error) {
    if (NOT_A_VALUE.has(sqlState(error) ?? "")) return { rows: [], next: null, incomplete: false };
    throw error;
  }
}

class Search {
  constructor(
    private readonly handle: PgHandle,
    private readonly shapes: Shapes,
    private readonly query: RowQuery,
    private readonly deadline: number,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<RowPage> {
    const { query } = this;
    const span = { before: query.after, downTo: null };
    try {
      return page(await this.fetch(span, query.limit + 1, query.timeoutMs * WHOLE_SHARE), query.limit);
    } catch (error) {
      if (sqlState(error) !== "57014" || this.signal.aborted) throw error;
    }
    return this.backwards();
  }

  /** From the newest row on, in slices that grow while they are quick. */
  private async backwards(): Promise<RowPage> {
    const { query } = this;
    const rows: FoundRow[] = [];
    let at: Cursor | null = query.after;
    let size = FIRST_SLICE_ROWS;
    while (this.left() > MIN_STATEMENT_MS) {
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
      const end = await this.edge(before, size);
      return { rows: await this.fetch({ before, downTo: end }, limit, this.left()), end };
    } catch (error) {
      if (sqlState(error) === "57014" && !this.signal.aborted) return null;
      throw error;
    }
  }

  private edge(before: Cursor | null, size: number): Promise<Cursor | null> {
    return this.inSession(this.left(), async (session, found) => {
      if (found.order.length === 0) return null;
      const { sql, values } = sliceSql(found, { before, downTo: null }, size);
      const [row] = await session.query(sql, values.params);
      return row ? cursorOf(row, found.order.length) : null;
    });
  }

  private fetch(span: Span, limit: number, timeoutMs: number): Promise<FoundRow[]> {
    return this.inSession(timeoutMs, async (session, found) => {
      const { sql, values } = searchSql(found, span, limit);
      const rows = await session.query(sql, values.params);
      return rows.map((row) => foundRow(found, row));
    });
  }

  private inSession<T>(
    timeoutMs: number,
    work: (session: Session, found: PgQuery) => Promise<T>,
  ): Promise<T> {
    const options = {
      signal: this.signal,
      timeoutMs: Math.max(1, Math.floor(timeoutMs)),
      transaction: "none",
    } as const;
    return this.handle.run(options, async (session) => {
      const shape = await this.shapes.remembered(session, this.query.table);
      return work(session, resolveQuery(shape, this.query));
    });
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
