import { StoreError } from "@/lib/errors";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { clusterHealth } from "@/lib/stores/elasticsearch/cluster";
import { fieldOf, relationOf } from "@/lib/stores/elasticsearch/describe";
import { usOf } from "@/lib/stores/elasticsearch/instant";
import { timeSpan } from "@/lib/stores/elasticsearch/months";
import { assertTime } from "@/lib/stores/elasticsearch/scope";
import { finishedIndices, segmentsOf, settingsOf } from "@/lib/stores/elasticsearch/settings";
import type { Figure } from "@/lib/stores/store";
import type { TableAdvice, TableRef, TableStats, TimeColumn } from "@/lib/stores/table";

/** A shard is best between some GB and this: below it there are too many of them. */
const SMALL_SHARD_BYTES = 1 << 30;
const SPAN_TIMEOUT_MS = 3_000;

export async function tableStats(
  handle: EsHandle,
  ref: TableRef,
  time: TimeColumn | null,
  signal: AbortSignal,
): Promise<TableStats> {
  const relation = await relationOf(handle, ref, signal);
  const [settings, segments, health, span] = await Promise.all([
    settingsOf(handle, relation, signal),
    segmentsOf(handle, relation, signal),
    clusterHealth(handle, signal),
    spanOf(handle, relation, time, signal),
  ]);
  const { indices } = relation;
  const sum = (pick: (index: (typeof indices)[number]) => number) =>
    indices.reduce((total, one) => total + pick(one), 0);
  const deleted = [...segments.values()].reduce((total, one) => total + one.deletedDocs, 0);
  const docs = [...segments.values()].reduce((total, one) => total + one.docs, 0);
  const shards = sum(({ primaries, replicas }) => primaries * (1 + replicas));
  const iso = (tick: number | undefined) =>
    tick === undefined || !time ? null : new Date(Number(usOf(tick, time.unit) / 1_000n)).toISOString();
  const refresh = [...new Set(settings?.map(({ refreshInterval }) => refreshInterval ?? "1s") ?? [])];
  const policies = [...new Set(settings?.flatMap(({ policy }) => policy ?? []) ?? [])];
  const figures: Figure[] = [
    { key: "esIndices", value: indices.length, unit: "count" },
    { key: "esShards", value: shards, unit: "count" },
    { key: "esReplicas", value: Math.max(0, ...indices.map(({ replicas }) => replicas)), unit: "count" },
    {
      key: "esSegments",
      value: [...segments.values()].reduce((n, one) => n + one.segments, 0),
      unit: "count",
    },
    { key: "esDeleted", value: docs + deleted > 0 ? deleted / (docs + deleted) : 0, unit: "ratio" },
    { key: "esMeanShard", value: shards > 0 ? sum((one) => one.storeBytes) / shards : 0, unit: "bytes" },
    { key: "esRefresh", value: refresh.join(", ") || null, unit: "text" },
    { key: "esPolicy", value: policies.join(", ") || null, unit: "text" },
    { key: "esFinished", value: finishedIndices(relation, settings, Date.now()).size, unit: "count" },
  ];
  return {
    rowCount: docs,
    heapBytes: sum((one) => one.storeBytes),
    indexBytes: 0,
    toastBytes: null,
    totalBytes: sum((one) => one.storeBytes),
    deadRows: deleted,
    liveRows: docs,
    lastVacuumAt: null,
    lastAnalyzeAt: null,
    oldestAt: iso(span?.first),
    newestAt: iso(span?.last),
    indexes: [],
    notes: [],
    figures,
    advice: [
      ...shrinkAdvice(
        shards,
        sum((one) => one.storeBytes),
        indices,
      ),
      ...unindexedAdvice(relation),
      ...(health?.number_of_data_nodes === 1 && indices.some(({ replicas }) => replicas > 0)
        ? [
            advice("esReplicasUnplaced", "yes", {
              count: indices.filter(({ replicas }) => replicas > 0).length,
            }),
          ]
        : []),
      ...(settings?.some(({ flooded }) => flooded)
        ? [advice("esFlooded", "yes", { count: settings.filter(({ flooded }) => flooded).length })]
        : []),
    ],
  };
}

const advice = (
  key: string,
  worth: TableAdvice["worth"],
  details: TableAdvice["details"],
  statements: readonly string[] = [],
): TableAdvice => ({ key, worth, details, action: null, statements });

/** Oldest and newest row from two aggregations over the points; null when that takes too long. */
async function spanOf(
  handle: EsHandle,
  relation: Awaited<ReturnType<typeof relationOf>>,
  time: TimeColumn | null,
  signal: AbortSignal,
) {
  if (!time) return null;
  try {
    assertTime(relation, time);
    const member = { table: relation.ref, key: relation.key, columns: [], via: null };
    return await timeSpan(
      handle,
      { relation, member, time, from: null, until: null },
      signal,
      SPAN_TIMEOUT_MS,
    );
  } catch (error) {
    if (error instanceof StoreError && ["timeout", "stale_plan"].includes(error.code)) return null;
    throw error;
  }
}

/** Many small shards: fewer per index by _shrink, or one index a month for all tenants. */
function shrinkAdvice(
  shards: number,
  bytes: number,
  indices: readonly { name: string; primaries: number; primaryBytes: number }[],
): TableAdvice[] {
  const wide = indices.filter(
    (one) => one.primaries > 1 && one.primaryBytes / one.primaries < SMALL_SHARD_BYTES,
  );
  const [first] = wide;
  const shrink = first
    ? [
        advice("esShrink", "maybe", { count: wide.length, index: first.name }, [
          `PUT /${first.name}/_settings {"index.blocks.write":true,"index.routing.allocation.require._name":"<one node>"}`,
          `POST /${first.name}/_shrink/${first.name}-shrunk {"settings":{"index.number_of_shards":1}}`,
        ]),
      ]
    : [];
  const small = shards >= 24 && bytes / shards < SMALL_SHARD_BYTES;
  return small
    ? [...shrink, advice("esManyShards", "maybe", { shards, meanBytes: Math.round(bytes / shards) })]
    : shrink;
}

/** Payloads that are kept and not indexed: they are archived, and searchable only once they are cold. */
function unindexedAdvice(relation: Awaited<ReturnType<typeof relationOf>>): TableAdvice[] {
  const names = relation.columns.flatMap(({ name }) => {
    const field = fieldOf(relation, name);
    return field && (field.enabled === false || field.index === false) ? [name] : [];
  });
  return names.length > 0 ? [advice("esUnindexed", "maybe", { columns: names.join(", ") })] : [];
}
