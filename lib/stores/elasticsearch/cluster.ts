import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { notElasticsearch, statusOf, typeOf } from "@/lib/stores/elasticsearch/errors";

export interface EsRoot {
  cluster_name?: string;
  cluster_uuid?: string;
  version?: { number?: string; distribution?: string; build_flavor?: string };
}

export interface EsHealth {
  status: "green" | "yellow" | "red";
  number_of_nodes: number;
  number_of_data_nodes: number;
  active_primary_shards: number;
  active_shards: number;
  relocating_shards: number;
  initializing_shards: number;
  unassigned_shards: number;
}

interface Pool {
  queue: number;
  rejected: number;
}
export interface EsNode {
  name: string;
  roles?: string[];
  fs?: { total?: { total_in_bytes?: number; available_in_bytes?: number } };
  jvm?: { mem?: { heap_used_in_bytes?: number; heap_max_in_bytes?: number } };
  thread_pool?: { write?: Pool; search?: Pool };
  breakers?: Record<
    string,
    { limit_size_in_bytes: number; estimated_size_in_bytes: number; tripped: number }
  >;
  indices?: {
    search?: { query_total?: number; query_time_in_millis?: number };
    indexing?: { index_total?: number; index_time_in_millis?: number };
  };
}

/** What answers at `/`. Throws unreachable for anything that is neither Elasticsearch nor OpenSearch. */
export async function readRoot(handle: EsHandle, signal: AbortSignal): Promise<EsRoot> {
  const root = await rootOrUnknown(handle, signal);
  if (typeof root === "object" && typeof root?.version?.number === "string") return root;
  throw notElasticsearch(200, "JSON of another program");
}

/** Without the cluster's privilege `monitor` the server does not even tell its version. */
async function rootOrUnknown(handle: EsHandle, signal: AbortSignal): Promise<EsRoot | null> {
  try {
    return await handle.get<EsRoot | null>("/", signal);
  } catch (error) {
    if (statusOf(error) === 403 && typeOf(error) === "security_exception" && (await isKnown(handle, signal)))
      return { version: { number: "" } };
    throw error;
  }
}

/** The account is one of the server's; it only may do little. */
const isKnown = async (handle: EsHandle, signal: AbortSignal): Promise<boolean> =>
  (await handle.optional<object>("/_security/_authenticate", signal)) !== null;

export const clusterHealth = (handle: EsHandle, signal: AbortSignal): Promise<EsHealth | null> =>
  handle.optional<EsHealth>("/_cluster/health", signal);

interface SettingsAnswer {
  defaults?: Record<string, unknown>;
  persistent?: Record<string, unknown>;
  transient?: Record<string, unknown>;
}

/** Settings of the cluster that set limits, by their full names; null when they may not be read. */
export async function clusterSettings(
  handle: EsHandle,
  signal: AbortSignal,
): Promise<Map<string, string> | null> {
  const names = [
    "max_shards_per_node",
    "watermark*",
    "read_only*",
    "disk.threshold_enabled",
    "auto_create_index",
  ];
  const answer = await handle.optional<SettingsAnswer>(
    `/_cluster/settings?include_defaults=true&flat_settings=true&filter_path=${names.map((name) => `**.*${name}`).join(",")}`,
    signal,
  );
  if (!answer) return null;
  const all = { ...answer.defaults, ...answer.persistent, ...answer.transient };
  return new Map(Object.entries(all).map(([name, value]) => [name, String(value)]));
}

/** Null when they may not be read. */
export async function clusterNodes(handle: EsHandle, signal: AbortSignal): Promise<EsNode[] | null> {
  const answer = await handle.optional<{ nodes: Record<string, EsNode> }>(
    "/_nodes/stats/fs,jvm,thread_pool,breaker,indices?filter_path=nodes.*.name,nodes.*.roles,nodes.*.fs.total,nodes.*.jvm.mem.heap*,nodes.*.thread_pool.write,nodes.*.thread_pool.search,nodes.*.breakers,nodes.*.indices.search,nodes.*.indices.indexing",
    signal,
  );
  return answer ? Object.values(answer.nodes ?? {}) : null;
}

/** Nodes that hold data: those take shards and have a disk that fills. */
export const isDataNode = ({ roles }: EsNode): boolean =>
  roles === undefined || roles.some((role) => role === "data" || role.startsWith("data_"));

/** How many shards the cluster takes, and how many it has. Null where the setting may not be read. */
export function shardBudget(
  health: EsHealth | null,
  settings: ReadonlyMap<string, string> | null,
): { open: number; budget: number; perNode: number; dataNodes: number } | null {
  const perNode = Number(settings?.get("cluster.max_shards_per_node") ?? Number.NaN);
  if (!health || !Number.isFinite(perNode)) return null;
  // What is not assigned counts too: it was accepted.
  const open = health.active_shards + health.initializing_shards + health.unassigned_shards;
  const dataNodes = health.number_of_data_nodes;
  return { open, budget: perNode * dataNodes, perNode, dataNodes };
}

/** Bytes that may be used before a watermark, as a share or as what must stay free. Null: not told. */
export function watermark(
  settings: ReadonlyMap<string, string> | null,
  name: "low" | "high" | "flood_stage",
): string | null {
  return settings?.get(`cluster.routing.allocation.disk.watermark.${name}`) ?? null;
}

/** Whether a disk is past a watermark such as `85%` or `0.85`; sizes such as `10gb` are what must stay free. */
export function isPast(mark: string | null, totalBytes: number, freeBytes: number): boolean {
  if (mark === null || totalBytes <= 0) return false;
  const share = /^(\d+(?:\.\d+)?)%$/.exec(mark)?.[1];
  if (share !== undefined) return 1 - freeBytes / totalBytes >= Number(share) / 100;
  if (/^0?\.\d+$|^1(\.0+)?$/.test(mark)) return 1 - freeBytes / totalBytes >= Number(mark);
  const size = /^(\d+(?:\.\d+)?)(b|kb|mb|gb|tb)$/.exec(mark);
  if (!size) return false;
  const power = ["b", "kb", "mb", "gb", "tb"].indexOf(size[2] ?? "b");
  return freeBytes <= Number(size[1]) * 1024 ** power;
}
