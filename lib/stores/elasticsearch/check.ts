import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import {
  clusterHealth,
  clusterNodes,
  clusterSettings,
  type EsHealth,
  type EsNode,
  isDataNode,
  isPast,
  readRoot,
  shardBudget,
  watermark,
} from "@/lib/stores/elasticsearch/cluster";
import { rightsOf } from "@/lib/stores/elasticsearch/rights";
import type { Health, Limit } from "@/lib/stores/store";

/** From this share of the shard budget on it is worth a warning: new months will soon be refused. */
const BUDGET_WARN = 0.85;
/** The oldest versions that are tested. */
const OLDEST = { elasticsearch: [7, 17], opensearch: [2, 0] } as const;

interface Blocks {
  [index: string]: { settings?: Record<string, string> };
}

/** State of the cluster and what limits it. What the server does not tell is left out, with the reason. */
export async function checkStore(handle: EsHandle, signal: AbortSignal): Promise<Health> {
  const begun = performance.now();
  const root = await readRoot(handle, signal);
  const latencyMs = performance.now() - begun;
  const [health, settings, nodes, blocks, lifecycle, rights] = await Promise.all([
    clusterHealth(handle, signal),
    clusterSettings(handle, signal),
    clusterNodes(handle, signal),
    handle.optional<Blocks>(
      "/_all/_settings/index.blocks.*?flat_settings=true&expand_wildcards=all&ignore_unavailable=true",
      signal,
    ),
    lifecycleOf(handle, signal),
    rightsOf(handle, signal),
  ]);
  const flavour = root.version?.distribution === "opensearch" ? "opensearch" : "elasticsearch";
  const budget = shardBudget(health, settings);
  const data = (nodes ?? []).filter(isDataNode);
  const limits: Limit[] = [
    ...versionLimits(flavour, root.version?.number ?? ""),
    ...healthLimits(health),
    ...(budget && budget.open >= budget.budget * BUDGET_WARN
      ? [
          limit("esShardBudget", "warning", {
            open: budget.open,
            budget: budget.budget,
            perNode: budget.perNode,
          }),
        ]
      : []),
    ...diskLimits(data, settings),
    ...blockLimits(blocks),
    ...(nodes ? [] : [limit("esNoMonitor", "info", {})]),
    ...(rights.limits ?? []),
    ...lifecycle.limits,
  ];
  const bytes = (pick: (node: EsNode) => number | undefined) =>
    nodes ? data.reduce((sum, node) => sum + (pick(node) ?? 0), 0) : null;
  const warns =
    limits.some(({ severity }) => severity === "warning") || rights.rights.some(({ granted }) => !granted);
  return {
    state: warns ? "warning" : "healthy",
    version:
      `${flavour === "opensearch" ? "OpenSearch" : "Elasticsearch"} ${root.version?.number ?? ""}`.trim(),
    latencyMs,
    sizeBytes: await storeBytes(handle, signal),
    freeBytes: bytes((node) => node.fs?.total?.available_in_bytes),
    rights: rights.rights,
    limits,
    facts: {
      flavour,
      clusterName: root.cluster_name ?? null,
      esNodes: health?.number_of_nodes ?? null,
      dataNodes: health?.number_of_data_nodes ?? null,
      clusterStatus: health?.status ?? null,
      shards: budget ? `${budget.open} / ${budget.budget}` : (health?.active_shards ?? null),
      watermarks: ["low", "high", "flood_stage"]
        .map((name) => watermark(settings, name as "low"))
        .filter((mark) => mark !== null)
        .join(" / "),
      totalBytes: bytes((node) => node.fs?.total?.total_in_bytes),
      ...lifecycle.facts,
    },
  };
}

export const limit = (key: string, severity: Limit["severity"], details: Limit["details"]): Limit => ({
  key,
  severity,
  details,
});

async function storeBytes(handle: EsHandle, signal: AbortSignal): Promise<number | null> {
  const answer = await handle.optional<{ _all?: { total?: { store?: { size_in_bytes?: number } } } }>(
    "/_stats/store?level=cluster&filter_path=_all.total.store.size_in_bytes",
    signal,
  );
  return answer ? (answer._all?.total?.store?.size_in_bytes ?? 0) : null;
}

function versionLimits(flavour: keyof typeof OLDEST, version: string): Limit[] {
  if (version === "") return [];
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldMajor, oldMinor] = OLDEST[flavour];
  const isOld = major < oldMajor || (major === oldMajor && minor < oldMinor);
  return isOld ? [limit("esOldVersion", "warning", { version, oldest: `${oldMajor}.${oldMinor}` })] : [];
}

function healthLimits(health: EsHealth | null): Limit[] {
  if (!health || health.status === "green") return [];
  const details = { unassigned: health.unassigned_shards, nodes: health.number_of_data_nodes };
  if (health.status === "red") return [limit("esRed", "warning", details)];
  // Copies that can never be placed are advice, not an alarm.
  return [limit("esYellow", health.number_of_data_nodes === 1 ? "info" : "warning", details)];
}

function diskLimits(nodes: readonly EsNode[], settings: ReadonlyMap<string, string> | null): Limit[] {
  if (settings?.get("cluster.routing.allocation.disk.threshold_enabled") === "false")
    return [limit("esNoWatermarks", "info", {})];
  return nodes.flatMap((node) => {
    const total = node.fs?.total?.total_in_bytes ?? 0;
    const free = node.fs?.total?.available_in_bytes ?? 0;
    for (const [name, key, severity] of [
      ["flood_stage", "esDiskFlood", "warning"],
      ["high", "esDiskHigh", "warning"],
      ["low", "esDiskLow", "info"],
    ] as const) {
      const mark = watermark(settings, name);
      if (isPast(mark, total, free))
        return [
          limit(key, severity, { node: node.name, mark: mark ?? "", freeBytes: free, totalBytes: total }),
        ];
    }
    return [];
  });
}

function blockLimits(blocks: Blocks | null): Limit[] {
  const blocked = (name: string) =>
    Object.entries(blocks ?? {}).flatMap(([index, { settings }]) =>
      settings?.[`index.blocks.${name}`] === "true" ? [index] : [],
    );
  const flooded = blocked("read_only_allow_delete");
  const closed = [...new Set([...blocked("read_only"), ...blocked("write")])];
  const shown = (names: readonly string[]) => ({
    count: names.length,
    indices: names.slice(0, 5).join(", "),
  });
  return [
    ...(flooded.length > 0 ? [limit("esFlooded", "warning", shown(flooded))] : []),
    ...(closed.length > 0 ? [limit("esWriteBlocked", "info", shown(closed))] : []),
  ];
}

/** Index lifecycle (ILM), index state management (ISM), data streams, templates: what the server has of them. */
async function lifecycleOf(
  handle: EsHandle,
  signal: AbortSignal,
): Promise<{ facts: Health["facts"]; limits: Limit[] }> {
  const [ilm, ism, streams, templates] = await Promise.all([
    handle.attempt<Record<string, unknown>>("/_ilm/policy", signal),
    handle.attempt<{ total_policies?: number; policies?: unknown[] }>("/_plugins/_ism/policies", signal),
    handle.attempt<{ data_streams: unknown[] }>("/_data_stream", signal),
    handle.attempt<{ index_templates: unknown[] }>("/_index_template", signal),
  ]);
  const isms = ism.value ? (ism.value.total_policies ?? ism.value.policies?.length ?? 0) : null;
  const ilms = ilm.value ? Object.keys(ilm.value).length : null;
  const absent = ilms === null && isms === null;
  return {
    facts: {
      ...(ilms !== null && { ilmPolicies: ilms }),
      ...(isms !== null && { ismPolicies: isms }),
      ...(streams.value && { dataStreams: streams.value.data_streams.length }),
      ...(templates.value && { indexTemplates: templates.value.index_templates.length }),
    },
    limits: [
      ...(absent ? [limit("esNoLifecycle", "info", { status: Math.max(ilm.status, ism.status) })] : []),
      ...(streams.value ? [] : [limit("esNoStreams", "info", { status: streams.status })]),
    ],
  };
}
