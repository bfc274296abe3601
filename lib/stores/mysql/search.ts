import { StoreError } from "@/lib/errors";
import type { Cursor } from "@/lib/stores/batch";
import type { MyHandle, Row, Session } from "@/lib/stores/mysql/client";
import type { MyShape } from "@/lib/stores/mysql/describe";
import { errorNumber } from "@/lib/stores/mysql/errors";
import { usOf } from "@/lib/stores/mysql/instant";
import { OUT_OF_TIME } from "@/lib/stores/mysql/months";
import { keyOf } from "@/lib/stores/mysql/row-digests";
import { type MyQuery, resolveQuery, type Span, searchSql, sliceSql } from "@/lib/stores/mysql/search-sql";
import type { Shapes } from "@/lib/stores/mysql/shapes";
import { tableName } from "@/lib/stores/mysql/sql";
import { cursorOf } from "@/lib/stores/mysql/window";
import type { FoundRow, RowPage, RowQuery } from "@/lib/stores/rows";

/** Share of the time that one statement over everything gets; the rest is for going back slice by slice. */
const WHOLE_SHARE = 0.6;
const FIRST_SLICE_ROWS = 2_000;
const MAX_SLICE_ROWS = 200_000;
/** Below this a statement is not worth starting. */
const MIN_STATEMENT_MS = 20;

/** Errors of a statement made from a shape that is outdated: column, table, index gone. */
const OUTDATED = new Set([1054, 1146, 1176, 1191]);
/** A filter value that is no value of its column's type is no error: no row has it. */
const NOT_A_VALUE = new Set([1292, 1366, 1525, 4079]);

/**
 * A page of matches, newest first: one statement along the time's index. If time runs out, slices from the newest on
 * are searched for as long as there is time left, and the page says where it stopped. Rows without a time are in no page.
 */
export async function searchRows(
  handle: MyHandle,
  shapes: Shapes,
  query: RowQuery,
  signal: AbortSignal,
): Promise<RowPage> {
  const search = new Search(handle, shapes, query, Date.now() + query.timeoutMs, signal);
  try {
    return await search.run().catch((error: unknown) => {
      const stale = error instanceof StoreError && error.code === "stale_plan";
      if (!stale && !OUTDATED.has(errorNumber(error) ?? 0)) throw error;
      shapes.forget();
      return search.run();
    });
  } catch (error) {
    if (NOT_A_VALUE.has(errorNumber(error) ?? 0)) return { rows: [], next: null, incomplete: false };
    throw error;
  }
}

class Search {
  constructor(
    private readonly handle: MyHandle,
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
      if (!OUT_OF_TIME.has(errorNumber(error) ?? 0) || this.signal.aborted) throw error;
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
      if (OUT_OF_TIME.has(errorNumber(error) ?? 0) && !this.signal.aborted) return null;
      throw error;
    }
  }

  private edge(before: Cursor | null, size: number): Promise<Cursor | null> {
    return this.inSession(async (session, found) => {
      if (found.order.length === 0) return null;
      const [row] = await session.query(
        sliceSql(found, { before, downTo: null }, size, session.server, this.left()),
      );
      return row ? cursorOf(row, found.order.length) : null;
    });
  }

  private fetch(span: Span, limit: number, timeoutMs: number): Promise<FoundRow[]> {
    return this.inSession(async (session, found) => {
      const rows = await session.query(searchSql(found, span, limit, session.server, timeoutMs));
      return rows.map((row) => foundRow(found, row));
    });
  }

  private inSession<T>(work: (session: Session, found: MyQuery) => Promise<T>): Promise<T> {
    // The statements carry their own limit; the handle's is the net below.
    return this.handle.run({ signal: this.signal, transaction: "none" }, async (session) => {
      const shape = await this.shapes.remembered(session, this.query.table);
      return work(session, resolveQuery(shape, this.query, await ngramIndex(session, shape, this.query)));
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

function foundRow(found: MyQuery, row: Row): FoundRow {
  const values: Record<string, string | null> = {};
  found.columns.forEach((column, at) => {
    values[column.name] = row[`v${at}`] ?? null;
  });
  found.texts.forEach((column, at) => {
    values[column.name] = row[`t${at}`] ?? null;
  });
  const cursor = cursorOf(row, found.order.length);
  const unit = found.query.time?.unit;
  return {
    key: keyOf({ key: found.key }, row),
    cursor,
    timeUs: unit ? usOf(unit, cursor[0] ?? "") : null,
    values,
  };
}

/**
 * A FULLTEXT index with the ngram parser over exactly the columns that are searched, on MySQL (MariaDB has no such
 * parser). Not while stop words are on: pieces that hold one are left out of the index, and rows would be missed.
 */
async function ngramIndex(
  session: Session,
  shape: MyShape,
  query: RowQuery,
): Promise<{ columns: readonly string[]; size: number } | null> {
  if (session.server.mariadb || query.terms.length === 0) return null;
  const covering = shape.indexes.filter(
    ({ method, columns }) =>
      method === "fulltext" &&
      columns.length === query.textColumns.length &&
      columns.every((name) => query.textColumns.includes(name)),
  );
  if (covering.length === 0) return null;
  const [row] = await session.raw(`SHOW CREATE TABLE ${tableName(shape.ref)}`);
  const ddl = row?.[1]?.toString("utf8") ?? "";
  const index = covering.find(({ name }) => ngramIn(ddl, name));
  if (!index) return null;
  const [settings] = await session.query(
    "SELECT @@ngram_token_size AS size, @@innodb_ft_enable_stopword AS stopwords",
  );
  return settings?.stopwords === "0" ? { columns: index.columns, size: Number(settings.size) } : null;
}

/** `FULLTEXT KEY `ft` (`a`) /*!50100 WITH PARSER `ngram` *\/ ` */
const ngramIn = (ddl: string, index: string): boolean =>
  ddl
    .split("\n")
    .some(
      (line) =>
        line.includes(`FULLTEXT KEY \`${index.replaceAll("`", "``")}\``) &&
        /WITH PARSER `?ngram`?/i.test(line),
    );
