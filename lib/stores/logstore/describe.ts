import { createHash } from "node:crypto";
import { StoreError } from "@/lib/errors";
import type { LogHandle } from "@/lib/stores/logstore/client";
import { textLiteral } from "@/lib/stores/logstore/literal";
import { columnOf, type LogColumn } from "@/lib/stores/logstore/mapper";
import type { ColumnShape, IndexShape, TableRef, TableShape } from "@/lib/stores/table";

/** Most fields of all logstores that one look at the catalogue takes: SLS allows 500 logstores a project. */
const MOST_FIELDS = 100_000;

export interface LogShape extends TableShape {
  columns: readonly LogColumn[];
  /** The field that tells a newer version of a row from an older one; null: every row is written once. */
  version: string | null;
}

const CATALOGUE = `SELECT n.nspname, c.relname, a.attname, t.typname
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid
  JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
 WHERE c.relkind IN ('r', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')`;

/** Every logstore with its fields, by name; or the one that is named. */
export async function shapesOf(
  handle: LogHandle,
  signal: AbortSignal,
  only: TableRef | null = null,
): Promise<LogShape[]> {
  const where = only
    ? ` AND n.nspname = ${textLiteral(only.schema)} AND c.relname = ${textLiteral(only.name)}`
    : "";
  const rows = await handle.query(
    `${CATALOGUE}${where} ORDER BY n.nspname, c.relname, a.attnum LIMIT ${MOST_FIELDS}`,
    signal,
  );
  const found = new Map<string, { ref: TableRef; columns: LogColumn[] }>();
  for (const [schema, name, column, type] of rows) {
    const ref = { schema: schema ?? "", name: name ?? "" };
    const id = JSON.stringify(ref);
    const entry = found.get(id) ?? { ref, columns: [] };
    // __time__, __source__, __topic__ are the service's own: a row that is written gets new ones.
    if (column && !/^__.*__$/.test(column)) entry.columns.push(columnOf(column, type ?? "text"));
    found.set(id, entry);
  }
  return [...found.values()].map(({ ref, columns }) => shapeOf(ref, columns));
}

/** Throws not_found when there is no such logstore. */
export async function describeLogstore(
  handle: LogHandle,
  ref: TableRef,
  signal: AbortSignal,
): Promise<LogShape> {
  const [shape] = await shapesOf(handle, signal, ref);
  if (shape) return shape;
  throw new StoreError(
    "not_found",
    `There is no logstore ${ref.name} in this project. Nothing was changed.`,
    {
      key: "logstore.tableGone",
      details: { server: ref.name },
    },
  );
}

function shapeOf(ref: TableRef, columns: readonly LogColumn[]): LogShape {
  const version = versionOf(columns);
  const id = columns.find(({ name }) => name.toLowerCase() === "id");
  return {
    ref,
    kind: "logstore",
    columns,
    // There are no keys: rows are told apart by their id where versions of it are told apart.
    key: version && id ? [id.name] : null,
    indexes: columns.map(({ name }) => indexOf(name)),
    triggers: [],
    incoming: [],
    outgoing: [],
    rowSecurity: false,
    fingerprint: fingerprint(columns),
    version,
  };
}

/** The scan index of a logstore covers every field that the catalogue shows. */
const indexOf = (column: string): IndexShape => ({
  name: "scan_index",
  columns: [column],
  unique: false,
  primary: false,
  valid: true,
  method: "scan_index",
  definition: "",
  sizeBytes: 0,
  scans: null,
});

/** `log_version`, or a whole number called `version`: nanoseconds of the moment of writing. */
function versionOf(columns: readonly LogColumn[]): string | null {
  const whole = columns.filter(({ physical }) => physical === "int64").map(({ name }) => name);
  return ["log_version", "version"].find((name) => whole.includes(name)) ?? null;
}

const fingerprint = (columns: readonly ColumnShape[]): string =>
  createHash("sha256")
    .update(JSON.stringify(columns.map(({ name, type }) => [name, type])))
    .digest("hex");
