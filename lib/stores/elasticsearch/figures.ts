import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import {
  clusterHealth,
  clusterNodes,
  clusterSettings,
  type EsNode,
  isDataNode,
  shardBudget,
} from "@/lib/stores/elasticsearch/cluster";
import { listTables } from "@/lib/stores/elasticsearch/tables";
import type { Breakdown, Figure, StoreFigures } from "@/lib/stores/store";

interface Allocation {
  node: string;
  shards: string;
  "disk.indices": string | null;
}

const MOST_ROWS = 50;

/** Shards against the budget, heap, rejections, disk, breakers; bytes per series, shards and bytes per node. */
export async function readFigures(handle: EsHandle, signal: AbortSignal): Promise<StoreFigures> {
  const [health, settings, nodes, allocation, tables] = await Promise.all([
    clusterHealth(handle, signal),
    clusterSettings(handle, signal),
    clusterNodes(handle, signal),
    handle.optional<Allocation[]>("/_cat/allocation?format=json&bytes=b", signal),
    listTables(handle, signal),
  ]);
  const budget = shardBudget(health, settings);
  const data = (nodes ?? []).filter(isDataNode);
  const sum = (all: readonly EsNode[], pick: (node: EsNode) => number | undefined) =>
    nodes ? all.reduce((total, node) => total + (pick(node) ?? 0), 0) : null;
  const heapMax = sum(data, (node) => node.jvm?.mem?.heap_max_in_bytes) ?? 0;
  const diskTotal = sum(data, (node) => node.fs?.total?.total_in_bytes) ?? 0;
  const diskFree = sum(data, (node) => node.fs?.total?.available_in_bytes);
  const all = nodes ?? [];
  const figures: Figure[] = [
    {
      key: "esShardsOpen",
      value: budget?.open ?? health?.active_shards ?? null,
      unit: "count",
      ...(budget && { limit: budget.budget }),
      charted: true,
    },
    {
      key: "esHeap",
      value: sum(data, (node) => node.jvm?.mem?.heap_used_in_bytes),
      unit: "bytes",
      ...(heapMax > 0 && { limit: heapMax }),
      charted: true,
    },
    {
      key: "esDisk",
      value: diskFree === null ? null : diskTotal - diskFree,
      unit: "bytes",
      ...(diskTotal > 0 && { limit: diskTotal }),
      charted: true,
    },
    {
      key: "esRejectedWrites",
      value: sum(all, (n) => n.thread_pool?.write?.rejected),
      unit: "count",
      charted: true,
    },
    {
      key: "esRejectedSearches",
      value: sum(all, (n) => n.thread_pool?.search?.rejected),
      unit: "count",
      charted: true,
    },
    {
      key: "esQueued",
      value: sum(all, (n) => (n.thread_pool?.write?.queue ?? 0) + (n.thread_pool?.search?.queue ?? 0)),
      unit: "count",
    },
    { key: "esBreakers", value: sum(all, tripped), unit: "count", charted: true },
    { key: "esUnassigned", value: health?.unassigned_shards ?? null, unit: "count" },
    {
      key: "esSearchMs",
      value: mean(
        all,
        (n) => n.indices?.search?.query_time_in_millis,
        (n) => n.indices?.search?.query_total,
      ),
      unit: "ms",
    },
    {
      key: "esIndexMs",
      value: mean(
        all,
        (n) => n.indices?.indexing?.index_time_in_millis,
        (n) => n.indices?.indexing?.index_total,
      ),
      unit: "ms",
    },
  ];
  const breakdowns: Breakdown[] = [
    {
      key: "esTableBytes",
      unit: "bytes",
      rows: tables
        .filter(({ kind }) => kind !== "alias")
        .slice(0, MOST_ROWS)
        .map(({ ref, sizeBytes }) => ({ label: ref.name, value: sizeBytes })),
    },
    ...perNode(allocation),
  ];
  return {
    figures,
    breakdowns,
    notes: nodes ? [] : [{ key: "esNoMonitor", severity: "info", details: {} }],
  };
}

const tripped = ({ breakers }: EsNode): number =>
  Object.values(breakers ?? {}).reduce((sum, breaker) => sum + breaker.tripped, 0);

/** Since the nodes started; null when nothing was counted. */
function mean(
  nodes: readonly EsNode[],
  time: (node: EsNode) => number | undefined,
  count: (node: EsNode) => number | undefined,
): number | null {
  const total = nodes.reduce((sum, node) => sum + (count(node) ?? 0), 0);
  return total === 0 ? null : nodes.reduce((sum, node) => sum + (time(node) ?? 0), 0) / total;
}

function perNode(allocation: readonly Allocation[] | null): Breakdown[] {
  const rows = allocation?.filter(({ node }) => node !== "UNASSIGNED") ?? [];
  if (rows.length === 0) return [];
  const by = (key: string, unit: Breakdown["unit"], value: (row: Allocation) => number): Breakdown => ({
    key,
    unit,
    rows: rows
      .map((row) => ({ label: row.node, value: value(row) }))
      .sort((a, b) => b.value - a.value)
      .slice(0, MOST_ROWS),
  });
  return [
    by("esNodeShards", "count", ({ shards }) => Number(shards)),
    by("esNodeBytes", "bytes", (row) => Number(row["disk.indices"] ?? 0)),
  ];
}
