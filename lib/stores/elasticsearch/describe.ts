import { createHash } from "node:crypto";
import { StoreError } from "@/lib/errors";
import { type EsTable, kindOf, resolveTable, tableMappings } from "@/lib/stores/elasticsearch/catalogue";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import {
  columnsOf,
  type EsColumn,
  type FieldMapping,
  ID_COLUMN,
  INDEX_COLUMN,
  type IndexMapping,
  shapeOfColumn,
} from "@/lib/stores/elasticsearch/mapper";
import type { IndexShape, TableRef, TableShape } from "@/lib/stores/table";

/** A table with the columns of its mappings. */
export interface EsRelation extends EsTable {
  columns: EsColumn[];
  key: string[];
  mappings: IndexMapping[];
}

/** Throws not_found, or refused where the server keeps no documents to read. */
export async function relationOf(handle: EsHandle, ref: TableRef, signal: AbortSignal): Promise<EsRelation> {
  const table = await resolveTable(handle, ref, signal);
  const mappings = await tableMappings(handle, table, signal);
  if (mappings.some(({ _source }) => _source?.enabled === false))
    throw new StoreError(
      "refused",
      `${ref.name} keeps no documents (_source is disabled): its rows cannot be read. Nothing was changed.`,
      { key: "elasticsearch.noSource", details: { table: ref.name } },
    );
  return {
    ...table,
    mappings,
    columns: columnsOf(mappings, table.withIndex),
    key: table.withIndex ? [INDEX_COLUMN, ID_COLUMN] : [ID_COLUMN],
  };
}

/** The columns that a member names, in its order; all of the table's when it names none. */
export function chosenColumns(relation: EsRelation, names: readonly string[]): EsColumn[] {
  if (names.length === 0) return relation.columns;
  return names.map((name) => {
    const column = relation.columns.find((one) => one.name === name);
    if (column) return column;
    throw new StoreError(
      "stale_plan",
      `${relation.ref.name} has no field ${name} any more: its mapping changed. Nothing was changed.`,
      { key: "elasticsearch.columnMissing", details: { table: relation.ref.name, column: name } },
    );
  });
}

/** The mapping of a column's field, of the newest index that has it. */
export const fieldOf = (relation: EsRelation, name: string): FieldMapping | undefined =>
  relation.mappings.findLast(({ properties }) => properties?.[name])?.properties?.[name];

export async function describeTable(
  handle: EsHandle,
  ref: TableRef,
  signal: AbortSignal,
): Promise<TableShape> {
  const relation = await relationOf(handle, ref, signal);
  const columns = relation.columns.map(shapeOfColumn);
  const print = columns.map(({ name, type, physical }) => [name, type, physical]);
  return {
    ref,
    kind: kindOf(relation.schema),
    columns,
    key: relation.key,
    indexes: relation.columns.flatMap((column) => indexShape(relation, column)),
    triggers: [],
    incoming: [],
    outgoing: [],
    rowSecurity: false,
    fingerprint: createHash("md5").update(JSON.stringify(print)).digest("hex"),
  };
}

/** Every field is indexed unless its mapping says otherwise. */
function indexShape(relation: EsRelation, column: EsColumn): IndexShape[] {
  const field = fieldOf(relation, column.name);
  if (!field?.type || field.index === false || field.enabled === false) return [];
  return [
    {
      name: column.name,
      columns: [column.name],
      unique: false,
      primary: false,
      valid: true,
      method: field.analyzer ? `${field.type}, ${field.analyzer}` : field.type,
      definition: JSON.stringify(field),
      sizeBytes: 0,
      scans: null,
    },
  ];
}
