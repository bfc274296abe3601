import { type EsTable, encode } from "@/lib/stores/elasticsearch/catalogue";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { seriesOf } from "@/lib/stores/elasticsearch/series";

/** What of an index's settings matters here. */
export interface IndexSettings {
  index: string;
  refreshInterval: string | null;
  replicas: number;
  writeBlocked: boolean;
  flooded: boolean;
  /** Policy of the lifecycle that has the index. */
  policy: string | null;
}

type Answer = Record<string, { settings?: Record<string, string> }>;

/** Null when they may not be read. */
export async function settingsOf(
  handle: EsHandle,
  table: EsTable,
  signal: AbortSignal,
): Promise<IndexSettings[] | null> {
  const answer = await handle.optional<Answer>(`/${table.expression}/_settings?flat_settings=true`, signal);
  if (!answer) return null;
  return table.indices.map(({ name, replicas }) => {
    const settings = answer[name]?.settings ?? {};
    const on = (key: string) => settings[key] === "true";
    return {
      index: name,
      refreshInterval: settings["index.refresh_interval"] ?? null,
      replicas,
      writeBlocked: on("index.blocks.write") || on("index.blocks.read_only"),
      flooded: on("index.blocks.read_only_allow_delete"),
      policy:
        settings["index.lifecycle.name"] ??
        settings["index.plugins.index_state_management.policy_id"] ??
        null,
    };
  });
}

export interface SegmentCount {
  segments: number;
  primaries: number;
  deletedDocs: number;
  docs: number;
  bytes: number;
}

interface StatsAnswer {
  indices?: Record<
    string,
    {
      primaries?: {
        segments?: { count?: number };
        docs?: { count?: number; deleted?: number };
        store?: { size_in_bytes?: number };
      };
    }
  >;
}

/** Segments and deleted documents of each index, of one copy. */
export async function segmentsOf(
  handle: EsHandle,
  table: EsTable,
  signal: AbortSignal,
): Promise<Map<string, SegmentCount>> {
  const answer = await handle.optional<StatsAnswer>(
    `/${table.expression}/_stats/docs,segments,store?filter_path=indices.*.primaries`,
    signal,
  );
  return new Map(
    table.indices.map(({ name, primaries, docs, deletedDocs, primaryBytes }) => {
      const stats = answer?.indices?.[name]?.primaries;
      return [
        name,
        {
          segments: stats?.segments?.count ?? 0,
          primaries,
          docs: stats?.docs?.count ?? docs,
          deletedDocs: stats?.docs?.deleted ?? deletedDocs,
          bytes: stats?.store?.size_in_bytes ?? primaryBytes,
        },
      ];
    }),
  );
}

/** A week in which late rows of a month that ended may still come. */
const GRACE_MS = 7 * 86_400_000;

/**
 * Indices that nobody writes any more: of a series, those whose date ended a week ago; of a stream or an alias, all but
 * the one that is written; and whatever is blocked for writing.
 */
export function finishedIndices(
  table: EsTable,
  settings: readonly IndexSettings[] | null,
  nowMs: number,
): Set<string> {
  const finished = new Set(
    settings?.flatMap(({ index, writeBlocked }) => (writeBlocked ? [index] : [])) ?? [],
  );
  const newest = table.indices.at(-1)?.name;
  for (const { name } of table.indices) {
    const dated = seriesOf(name);
    if (table.schema === "series" && dated && dated.untilMs + GRACE_MS <= nowMs) finished.add(name);
    if (table.schema === "stream" && name !== newest) finished.add(name);
    if (table.schema === "alias" && table.writeTo !== table.ref.name && name !== table.writeTo)
      finished.add(name);
  }
  return finished;
}

export const settingsPath = (names: readonly string[]): string => `/${names.map(encode).join(",")}/_settings`;
