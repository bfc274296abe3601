import { StoreError } from "@/lib/errors";
import type { Cursor } from "@/lib/stores/batch";
import type { LogShape } from "@/lib/stores/logstore/describe";
import { countLiteral, identifier, valueLiteral } from "@/lib/stores/logstore/literal";
import type { LogColumn } from "@/lib/stores/logstore/mapper";
import { cursorText, instantLiteral, type TimeStyle } from "@/lib/stores/logstore/time";
import type { TableRef, TimeColumn } from "@/lib/stores/table";

/** A logstore as statements name it: by its name alone. A project has no schemas, whatever its catalogue calls them. */
export const tableName = ({ name }: TableRef): string => identifier(name);

/** What of a logstore is asked for, its names looked up. */
export interface LogScope {
  shape: LogShape;
  key: readonly LogColumn[];
  /** What is read, in the order of digests. */
  columns: readonly LogColumn[];
  /** Null: there is no order but that of the key. */
  time: { column: LogColumn; unit: TimeColumn["unit"] } | null;
  style: TimeStyle;
  fromUs: bigint | null;
  untilUs: bigint | null;
}

export function columnNamed(shape: LogShape, name: string): LogColumn {
  const column = shape.columns.find((one) => one.name === name);
  if (column) return column;
  throw new StoreError(
    "stale_plan",
    `${shape.ref.name} has no field ${name} (any more). Nothing was changed.`,
    {
      key: "logstore.columnGone",
      details: { server: name },
    },
  );
}

const col = ({ name }: LogColumn): string => identifier(name);

/** Time and key without repeats: where a table is read by its key alone, that stands for the time as well. */
export function orderColumns({ time, key }: LogScope): LogColumn[] {
  const columns = time ? [time.column, ...key] : [...key];
  return columns.filter((column, at) => columns.findIndex(({ name }) => name === column.name) === at);
}

/**
 * The current rows: of all versions of an id the newest. Versions of a row carry the time of its creation, so bounds
 * of time may be laid on the versions before they are folded, which keeps the query to its range.
 */
export function currentRows(
  scope: LogScope,
  columns: readonly LogColumn[],
  inner: readonly string[],
): string {
  const { shape, key } = scope;
  const names = [...new Set([...columns, ...orderColumns(scope)].map(col))].join(", ");
  const where = inner.length > 0 ? ` WHERE ${inner.join(" AND ")}` : "";
  if (!shape.version) return `(SELECT ${names} FROM ${tableName(shape.ref)}${where}) AS s`;
  const by = key.map(col).join(", ");
  const fold = `ROW_NUMBER() OVER (PARTITION BY ${by} ORDER BY ${identifier(shape.version)} DESC) AS strata_rn`;
  return `(SELECT ${names} FROM (SELECT ${names}, ${fold} FROM ${tableName(shape.ref)}${where}) AS v WHERE strata_rn = 1) AS s`;
}

export interface Between {
  /** Strictly after, up to and including: in ascending order. */
  after: Cursor | null;
  upTo: Cursor | null;
}

const NOTHING: Between = { after: null, upTo: null };

/** Bounds of time: for the versions, before they are folded. */
export function timeBounds(scope: LogScope, { after, upTo }: Between = NOTHING): string[] {
  const { time, style, fromUs, untilUs } = scope;
  if (!time) return [];
  const name = col(time.column);
  const at = (us: bigint) => instantLiteral(time.column, time.unit, us, style);
  const edge = (cursor: Cursor) =>
    valueLiteral(literalKind(time.column), cursorText(time.column, cursor[0] ?? "", style));
  return [
    `${name} IS NOT NULL`,
    ...(time.column.textTime ? [`${name} <> ''`] : []),
    ...(fromUs === null ? [] : [`${name} >= ${at(fromUs)}`]),
    ...(untilUs === null ? [] : [`${name} < ${at(untilUs)}`]),
    ...(after ? [`${name} >= ${edge(after)}`] : []),
    ...(upTo ? [`${name} <= ${edge(upTo)}`] : []),
  ];
}

/** What is left of a slice once versions are folded: rows after and up to a position. */
export const within = (scope: LogScope, { after, upTo }: Between): string[] => [
  ...(after ? [compare(scope, after, ">", false)] : []),
  ...(upTo ? [compare(scope, upTo, "<", true)] : []),
];

/** `(a, b) > (x, y)`, spelled out: row comparisons are not in every engine. */
export function compare(scope: LogScope, cursor: Cursor, sign: "<" | ">", inclusive: boolean): string {
  const columns = orderColumns(scope);
  // Where the key stands for the time as well, it stands twice in a cursor.
  const values = scope.time && columns.length === scope.key.length ? cursor.slice(1) : cursor;
  const literals = columns.map((column, at) =>
    valueLiteral(literalKind(column), cursorText(column, values[at] ?? "", scope.style)),
  );
  const steps = columns.map((column, at) => {
    const equal = columns.slice(0, at).map((one, index) => `${col(one)} = ${literals[index]}`);
    const last = inclusive && at === columns.length - 1 ? `${sign}=` : sign;
    return `(${[...equal, `${col(column)} ${last} ${literals[at]}`].join(" AND ")})`;
  });
  return `(${steps.join(" OR ")})`;
}

/** Instants kept as text are compared as text. */
export const literalKind = (column: LogColumn) => (column.textTime ? "text" : column.physical);

export const orderBy = (scope: LogScope, direction: "ASC" | "DESC"): string =>
  orderColumns(scope)
    .map((column) => `${col(column)} ${direction}`)
    .join(", ");

/** One page of current rows, oldest first. */
export function pageSql(
  scope: LogScope,
  columns: readonly LogColumn[],
  between: Between,
  limit: number,
): string {
  const outer = [...scope.key.map((column) => `${col(column)} IS NOT NULL`), ...within(scope, between)];
  const where = outer.length > 0 ? ` WHERE ${outer.join(" AND ")}` : "";
  return `SELECT ${columns.map(col).join(", ")} FROM ${currentRows(scope, columns, timeBounds(scope, between))}${where} ORDER BY ${orderBy(scope, "ASC")} LIMIT ${countLiteral(limit)}`;
}
