import {
  type EsIndex,
  type EsSchema,
  kindOf,
  listAliases,
  listIndices,
  listStreams,
  mappingsOf,
} from "@/lib/stores/elasticsearch/catalogue";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { columnsOf, ID_COLUMN, INDEX_COLUMN, type IndexMapping } from "@/lib/stores/elasticsearch/mapper";
import { seriesOf } from "@/lib/stores/elasticsearch/series";
import type { TableSummary } from "@/lib/stores/table";

interface Group {
  schema: EsSchema;
  name: string;
  indices: EsIndex[];
}

/** Indices that stand alone, series, data streams and aliases; those of the server itself (`.name`) are left out. */
export async function listTables(handle: EsHandle, signal: AbortSignal): Promise<TableSummary[]> {
  const [indices, streams, aliases, mappings] = await Promise.all([
    listIndices(handle, "", signal),
    listStreams(handle, signal),
    listAliases(handle, signal),
    mappingsOf(handle, "", signal),
  ]);
  const byName = new Map(indices.map((one) => [one.name, one]));
  const of = (names: readonly string[]) => names.flatMap((name) => byName.get(name) ?? []);
  const backing = new Set(streams?.flatMap((stream) => stream.indices) ?? []);
  const groups: Group[] = [
    ...(streams ?? []).map(
      ({ name, indices: names }): Group => ({ schema: "stream", name, indices: of(names) }),
    ),
    ...aliases
      .filter(({ name }) => !name.startsWith("."))
      .map(({ name, indices: names }): Group => ({ schema: "alias", name, indices: of(names) })),
    ...standing(indices.filter(({ name, open }) => open && !backing.has(name) && !name.startsWith("."))),
  ];
  return groups
    .filter((group) => group.indices.length > 0)
    .map((group) => summaryOf(group, mappings))
    .sort((a, b) => b.sizeBytes - a.sizeBytes);
}

function standing(indices: readonly EsIndex[]): Group[] {
  const groups = new Map<string, Group>();
  for (const index of indices) {
    const series = seriesOf(index.name)?.series;
    const id = series ? `series ${series}` : `index ${index.name}`;
    const group = groups.get(id) ?? {
      schema: series ? "series" : "index",
      name: series ?? index.name,
      indices: [],
    };
    group.indices.push(index);
    groups.set(id, group);
  }
  return [...groups.values()];
}

function summaryOf(
  { schema, name, indices }: Group,
  mappings: ReadonlyMap<string, IndexMapping>,
): TableSummary {
  const withIndex = schema === "series" || schema === "alias";
  const columns = columnsOf(
    indices.flatMap((index) => mappings.get(index.name) ?? []),
    withIndex,
  );
  return {
    ref: { schema, name },
    kind: kindOf(schema),
    rowCount: indices.reduce((sum, index) => sum + index.docs, 0),
    sizeBytes: indices.reduce((sum, index) => sum + index.storeBytes, 0),
    columns: columns.map((column) => ({ name: column.name, type: column.type })),
    key: withIndex ? [INDEX_COLUMN, ID_COLUMN] : [ID_COLUMN],
  };
}
