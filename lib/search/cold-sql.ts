import { canonicalText, positional } from "@/lib/segments/canonical";
import { literal } from "@/lib/segments/duckdb";
import type { Manifest } from "@/lib/segments/segment";
import type { Position } from "./position";

/** What is asked of every segment of a dataset. */
export interface ColdQuery {
  /** Folded. */
  terms: readonly string[];
  textColumns: readonly string[];
  /** `value` in text form, already brought to the column's own spelling. */
  equals: readonly { role: string; column: string; value: string }[];
  /** Half-open. */
  fromUs: bigint | null;
  untilUs: bigint | null;
  after: Position | null;
  limit: number;
  /** Returned in full, besides time and key. */
  columns: readonly string[];
  snippetChars: number;
}

export interface RowRange {
  from: number;
  until: number;
  /** Positions inside it that the segment no longer owns. */
  gone: readonly number[];
}

const NULL = "NULL::VARCHAR";

/** Names a manifest's columns by position, so that no name gets into the SQL. */
class Columns {
  constructor(readonly manifest: Manifest) {}

  index(name: string): number {
    return this.manifest.columns.findIndex((column) => column.name === name);
  }

  raw(name: string): string | null {
    const index = this.index(name);
    return index < 0 ? null : `c${index}`;
  }

  text(name: string): string {
    const index = this.index(name);
    const column = this.manifest.columns[index];
    return column ? canonicalText(column, index, this.manifest.exact) : NULL;
  }

  isText(name: string): boolean {
    return this.manifest.columns[this.index(name)]?.physical === "text";
  }

  /** Microseconds since 1970. HUGEINT: a bigint of seconds may not fit otherwise. */
  timeUs(): string {
    const { time } = this.manifest;
    const raw = time && this.raw(time.column);
    if (!time || !raw) return "NULL::HUGEINT";
    if (time.unit === "s") return `${raw}::HUGEINT * 1000000`;
    if (time.unit === "ms") return `${raw}::HUGEINT * 1000`;
    if (time.unit === "us") return `${raw}::HUGEINT`;
    return `epoch_us(${raw})::HUGEINT`;
  }

  /** What a key column is ordered by: its own type, numbers kept as text by their value. */
  keyOrder(name: string): string[] {
    const column = this.manifest.columns[this.index(name)];
    if (!column) return [NULL];
    const raw = `c${this.index(name)}`;
    return /^(numeric|decimal)/.test(column.sourceType) ? [`TRY_CAST(${raw} AS DOUBLE)`, raw] : [raw];
  }
}

/**
 * The rows of a range of one segment that match, newest first, at most `limit`. Columns of the result: position,
 * time in microseconds, key columns, `columns`, then per text column its snippet, whether it was cut before, and
 * after. Everything is text.
 */
export function coldSql(path: string, manifest: Manifest, range: RowRange, query: ColdQuery): string {
  const columns = new Columns(manifest);
  const texts = query.textColumns.filter((name) => columns.isText(name));
  const where = [
    `pos >= ${range.from} AND pos < ${range.until}`,
    ...(range.gone.length > 0 ? [`pos NOT IN (${range.gone.join(",")})`] : []),
    ...bounds(columns, query),
    ...query.equals.map(({ column, value }) => equalTo(columns, column, value)),
    ...(query.after ? [afterPosition(columns, query.after)] : []),
    ...query.terms.map((term) => termIn(texts, columns, term)),
  ];
  const keyOrder = manifest.keyColumns.flatMap((name) => columns.keyOrder(name));
  const names = [...positional(manifest.columns.length), "pos"].join(", ");
  const inner = `SELECT *, ${columns.timeUs()} AS time_us
    FROM read_parquet(${literal(path)}, file_row_number = true, hive_partitioning = false) AS t(${names})
    WHERE ${where.join("\n      AND ")}
    ORDER BY time_us DESC NULLS LAST${keyOrder.map((key) => `, ${key} DESC`).join("")}
    LIMIT ${query.limit}`;
  const out = [
    "pos::VARCHAR",
    "time_us::VARCHAR",
    ...manifest.keyColumns.map((name) => columns.text(name)),
    ...query.columns.map((name) => columns.text(name)),
    ...query.textColumns.flatMap((name) => snippet(columns, name, query)),
  ];
  return `SELECT ${out.join(",\n  ")}\nFROM (${inner}) AS found`;
}

function bounds(columns: Columns, { fromUs, untilUs }: ColdQuery): string[] {
  const time = columns.timeUs();
  return [
    ...(fromUs === null ? [] : [`${time} >= ${fromUs}`]),
    ...(untilUs === null ? [] : [`${time} < ${untilUs}`]),
  ];
}

function equalTo(columns: Columns, name: string, value: string): string {
  const raw = columns.raw(name);
  if (!raw) return "false";
  // A plain comparison is what the reader prunes by; text forms are only needed where the types differ.
  return `${columns.isText(name) ? raw : columns.text(name)} = ${literal(value)}`;
}

function afterPosition(columns: Columns, { timeUs, key }: Position): string {
  const { keyColumns } = columns.manifest;
  const left = keyColumns.flatMap((name) => columns.keyOrder(name));
  const right = keyColumns.flatMap((name, index) => keyLiterals(columns, name, key[index] ?? ""));
  const below = `(${left.join(", ")}) < (${right.join(", ")})`;
  const time = columns.timeUs();
  if (timeUs === null) return `(${time} IS NULL AND ${below})`;
  return `(${time} < ${timeUs} OR (${time} = ${timeUs} AND ${below}) OR ${time} IS NULL)`;
}

/** A key's text form as a value of its column's type. What cannot be one is NULL and compares to nothing. */
function keyLiterals(columns: Columns, name: string, text: string): string[] {
  const value = literal(text);
  return columns
    .keyOrder(name)
    .map((expression) =>
      expression.startsWith("TRY_CAST") ? `TRY_CAST(${value} AS DOUBLE)` : typedLiteral(columns, name, value),
    );
}

function typedLiteral(columns: Columns, name: string, value: string): string {
  const physical = columns.manifest.columns[columns.index(name)]?.physical;
  switch (physical) {
    case "int64":
      return `TRY_CAST(${value} AS BIGINT)`;
    case "float64":
      return `TRY_CAST(${value} AS DOUBLE)`;
    case "bool":
      return `TRY_CAST(${value} AS BOOLEAN)`;
    case "date":
      return `TRY_CAST(${value} AS DATE)`;
    case "timestamp":
      return `TRY_CAST(${value} AS TIMESTAMP)`;
    case "timestamptz":
      return `TRY_CAST(${value} AS TIMESTAMPTZ)`;
    case "bytes":
      return `unhex(replace(${value}, '\\x', ''))`;
    default:
      return value;
  }
}

/** i stands for its dotted capital too: the one letter that lower() folds and a pattern does not. */
export const termPattern = (term: string): string =>
  `(?i)${term.replace(/[\\^$.|?*+()[\]{}-]/g, "\\$&").replaceAll("i", "[iİ]")}`;

/**
 * A pattern without case runs at the speed of reading, five times faster than lower(); but it also takes ſ for s.
 * So it only chooses, and lower() decides. CASE keeps that order.
 */
function termIn(texts: readonly string[], columns: Columns, term: string): string {
  if (texts.length === 0) return "false";
  const pattern = literal(termPattern(term));
  const parts = texts.map((name) => {
    const raw = columns.raw(name);
    return `CASE WHEN regexp_matches(${raw}, ${pattern}) THEN contains(lower(${raw}), ${literal(term)}) ELSE false END`;
  });
  return `(${parts.join(" OR ")})`;
}

/** A window around the first match, which lies a third into it, as on every tier. Characters are code points. */
function snippet(columns: Columns, name: string, { terms, snippetChars }: ColdQuery): string[] {
  const raw = columns.raw(name);
  if (!raw) return [NULL, NULL, NULL];
  if (!columns.isText(name)) return [columns.text(name), "'false'", "'false'"];
  const lead = Math.floor(snippetChars / 3);
  const first = terms.map((term) => `nullif(instr(lower(${raw}), ${literal(term)}), 0)`);
  // What is short enough is shown whole, as a table's search does.
  const start =
    terms.length === 0
      ? "1"
      : `(CASE WHEN strlen(${raw}) <= ${snippetChars} THEN 1 ELSE greatest(1, coalesce(least(${first.join(", ")}), 1) - ${lead}) END)`;
  return [
    `substr(${raw}, ${start}, ${snippetChars})`,
    `(${start} > 1)::VARCHAR`,
    `(${start} + ${snippetChars} <= length(${raw}))::VARCHAR`,
  ];
}
