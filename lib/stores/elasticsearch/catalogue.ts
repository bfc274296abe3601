import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { statusOf, tableMissing } from "@/lib/stores/elasticsearch/errors";
import type { IndexMapping } from "@/lib/stores/elasticsearch/mapper";
import { seriesOf, seriesPrefix } from "@/lib/stores/elasticsearch/series";
import type { TableRef } from "@/lib/stores/table";

/** The schema of a table says what its name names. */
export const SCHEMAS = ["index", "series", "stream", "alias"] as const;
export type EsSchema = (typeof SCHEMAS)[number];

/** What a table is called in the console; a stream of Redis is another thing. */
export const kindOf = (schema: EsSchema): string => (schema === "stream" ? "dataStream" : schema);

export interface EsIndex {
  name: string;
  uuid: string;
  open: boolean;
  health: string;
  primaries: number;
  replicas: number;
  docs: number;
  deletedDocs: number;
  /** All copies; and one of each shard. */
  storeBytes: number;
  primaryBytes: number;
}

/** A table resolved to what it is made of at this moment. */
export interface EsTable {
  ref: TableRef;
  schema: EsSchema;
  indices: EsIndex[];
  /** What a search names: the index, the stream, the alias, or the indices of the series. */
  expression: string;
  /** Set when `expression` may reach further than the table: the query must filter by index. */
  only: string[] | null;
  /** Rows have a column `_index`, and it is part of their key. */
  withIndex: boolean;
  /** Where a row without `_index` is written. */
  writeTo: string;
}

interface CatRow {
  index: string;
  uuid: string;
  status: string;
  health: string;
  pri: string;
  rep: string;
  "docs.count": string | null;
  "docs.deleted": string | null;
  "store.size": string | null;
  "pri.store.size": string | null;
}

const CAT =
  "format=json&bytes=b&expand_wildcards=all&h=index,uuid,status,health,pri,rep,docs.count,docs.deleted,store.size,pri.store.size";
/** A request line is at most 4 kB long (http.max_initial_line_length). */
const MAX_EXPRESSION = 3_000;

const indexOf = (row: CatRow): EsIndex => ({
  name: row.index,
  uuid: row.uuid,
  open: row.status !== "close",
  health: row.health,
  primaries: Number(row.pri ?? 0),
  replicas: Number(row.rep ?? 0),
  docs: Number(row["docs.count"] ?? 0),
  deletedDocs: Number(row["docs.deleted"] ?? 0),
  storeBytes: Number(row["store.size"] ?? 0),
  primaryBytes: Number(row["pri.store.size"] ?? 0),
});

export const encode = (name: string): string => encodeURIComponent(name);
const byName = (a: EsIndex, b: EsIndex) => (a.name < b.name ? -1 : 1);

/** All indices, or those that an expression matches; none when it names nothing. */
export async function listIndices(
  handle: EsHandle,
  expression: string,
  signal: AbortSignal,
): Promise<EsIndex[]> {
  try {
    const path = expression === "" ? "/_cat/indices" : `/_cat/indices/${expression}`;
    return (await handle.get<CatRow[]>(`${path}?${CAT}`, signal)).map(indexOf).sort(byName);
  } catch (error) {
    if (statusOf(error) === 404) return [];
    if (statusOf(error) === 403) return indicesBySettings(handle, expression || "_all", signal);
    throw error;
  }
}

interface SettingsRow {
  settings?: Record<string, string>;
}
interface StatsRow {
  primaries?: { docs?: { count?: number; deleted?: number }; store?: { size_in_bytes?: number } };
  total?: { store?: { size_in_bytes?: number } };
}

/** Without the cluster's privilege `monitor` there is no `_cat`: indices tell of themselves, one by one. */
async function indicesBySettings(
  handle: EsHandle,
  expression: string,
  signal: AbortSignal,
): Promise<EsIndex[]> {
  const [settings, stats] = await Promise.all([
    handle.get<Record<string, SettingsRow>>(`/${expression}/_settings?flat_settings=true`, signal),
    handle.optional<{ indices?: Record<string, StatsRow> }>(`/${expression}/_stats/docs,store`, signal),
  ]);
  return Object.entries(settings)
    .map(([name, row]): EsIndex => {
      const own = stats?.indices?.[name];
      const number = (key: string) => Number(row.settings?.[key] ?? 0);
      return {
        name,
        uuid: row.settings?.["index.uuid"] ?? "",
        open: true,
        health: "",
        primaries: number("index.number_of_shards"),
        replicas: number("index.number_of_replicas"),
        docs: own?.primaries?.docs?.count ?? 0,
        deletedDocs: own?.primaries?.docs?.deleted ?? 0,
        storeBytes: own?.total?.store?.size_in_bytes ?? 0,
        primaryBytes: own?.primaries?.store?.size_in_bytes ?? 0,
      };
    })
    .sort(byName);
}

interface StreamsAnswer {
  data_streams: { name: string; indices: { index_name: string }[] }[];
}
export interface DataStream {
  name: string;
  indices: string[];
}

/** Null: this server has no data streams, or the account may not see them. */
export async function listStreams(handle: EsHandle, signal: AbortSignal): Promise<DataStream[] | null> {
  const answer = await handle.optional<StreamsAnswer>("/_data_stream", signal);
  return (
    answer?.data_streams?.map(({ name, indices }) => ({
      name,
      indices: indices.map((one) => one.index_name),
    })) ?? null
  );
}

type AliasAnswer = Record<string, { aliases: Record<string, { is_write_index?: boolean }> }>;
export interface Alias {
  name: string;
  indices: string[];
  writeTo: string | null;
}

export async function listAliases(handle: EsHandle, signal: AbortSignal, name = ""): Promise<Alias[]> {
  const answer = (await handle.optional<AliasAnswer>(`/_alias${name && `/${encode(name)}`}`, signal)) ?? {};
  const found = new Map<string, Alias>();
  for (const [index, entry] of Object.entries(answer))
    for (const [alias, { is_write_index }] of Object.entries(entry.aliases ?? {})) {
      const one = found.get(alias) ?? { name: alias, indices: [], writeTo: null };
      one.indices.push(index);
      if (is_write_index) one.writeTo = index;
      found.set(alias, one);
    }
  return [...found.values()];
}

/** What a table is made of now. Throws not_found when there is nothing of it. */
export async function resolveTable(handle: EsHandle, ref: TableRef, signal: AbortSignal): Promise<EsTable> {
  // A name with a wildcard or a comma would reach further than the table.
  const name = /[*?,"<>|\\/#\s]/.test(ref.name) || ref.name.startsWith("_") ? null : ref.name;
  const found = name === null ? null : await resolvers[ref.schema]?.(handle, name, signal);
  if (!found || found.indices.length === 0) throw tableMissing(`${ref.schema}.${ref.name}`);
  return { ref, only: null, ...found };
}

type Resolved = Omit<EsTable, "ref" | "only"> & { only?: string[] | null };
type Resolver = (handle: EsHandle, name: string, signal: AbortSignal) => Promise<Resolved | null>;

const resolvers: Partial<Record<string, Resolver>> = {
  async index(handle, name, signal) {
    const indices = (await listIndices(handle, encode(name), signal)).filter((one) => one.name === name);
    return { schema: "index", indices, expression: encode(name), withIndex: false, writeTo: name };
  },
  async series(handle, name, signal) {
    const prefix = seriesPrefix(name);
    if (prefix === null) return null;
    const all = await listIndices(handle, `${encode(prefix)}*`, signal);
    const indices = all.filter((one) => one.open && seriesOf(one.name)?.series === name);
    const names = indices.map((one) => one.name);
    const listed = names.map(encode).join(",");
    const reach = listed.length <= MAX_EXPRESSION;
    return {
      schema: "series",
      indices,
      expression: reach ? listed : `${encode(prefix)}*`,
      only: reach ? null : names,
      withIndex: true,
      writeTo: names.at(-1) ?? "",
    };
  },
  async stream(handle, name, signal) {
    const stream = (await listStreams(handle, signal))?.find((one) => one.name === name);
    if (!stream) return null;
    const all = await listIndices(handle, encode(name), signal);
    const indices = all.filter((one) => stream.indices.includes(one.name));
    return { schema: "stream", indices, expression: encode(name), withIndex: false, writeTo: name };
  },
  async alias(handle, name, signal) {
    const alias = (await listAliases(handle, signal, name)).find((one) => one.name === name);
    if (!alias) return null;
    const indices = await listIndices(handle, encode(name), signal);
    return {
      schema: "alias",
      indices,
      expression: encode(name),
      withIndex: true,
      writeTo: alias.writeTo ?? name,
    };
  },
};

/** Mappings by index. */
export async function mappingsOf(
  handle: EsHandle,
  expression: string,
  signal: AbortSignal,
): Promise<Map<string, IndexMapping>> {
  const path = expression === "" ? "/_mapping" : `/${expression}/_mapping`;
  const answer = await handle.get<Record<string, { mappings: IndexMapping }>>(path, signal);
  return new Map(Object.entries(answer).map(([name, { mappings }]) => [name, mappings]));
}

/** The mappings of a table's indices, in their order. */
export async function tableMappings(
  handle: EsHandle,
  table: EsTable,
  signal: AbortSignal,
): Promise<IndexMapping[]> {
  const all = await mappingsOf(handle, table.expression, signal);
  return table.indices.flatMap(({ name }) => all.get(name) ?? []);
}
