import { StoreError } from "@/lib/errors";
import type { RedisHandle, Session } from "@/lib/stores/redis/client";
import { NOT_REDIS } from "@/lib/stores/redis/errors";
import { type NodeInfo, readInfo, total } from "@/lib/stores/redis/info";
import { textOf } from "@/lib/stores/redis/reply";
import { readRights } from "@/lib/stores/redis/rights";
import type { Health, Limit } from "@/lib/stores/store";

const CHECK_MS = 10_000;
/** Redis 6: the first with ACL and SCAN TYPE. */
const OLDEST_MAJOR = 6;
const MEMORY_WARNING = 0.9;
const FRAGMENTATION_WARNING = 1.5;
/** Below this, fragmentation is a matter of some megabytes. */
const FRAGMENTATION_FROM_BYTES = 100 << 20;

type Add = (key: string, severity: Limit["severity"], details?: Limit["details"]) => void;

/** State, version, memory, rights and what limits the store. A server that does not answer throws. */
export async function checkStore(handle: RedisHandle, signal: AbortSignal): Promise<Health> {
  const session = handle.session(signal, Math.min(handle.options.timeoutMs, CHECK_MS));
  const seed = { host: handle.config.host, port: handle.config.port };
  const begun = performance.now();
  if (textOf(await session.on(seed, "PING")) !== "PONG") throw notRedis();
  const latencyMs = Math.round((performance.now() - begun) * 100) / 100;
  const { nodes, cluster } = await readInfoIfAllowed(session);
  const first = nodes[0]?.values ?? new Map<string, string>();
  const user = await userOf(session, seed);
  const rights = await readRights(session, user);
  const infoRight = {
    name: "info",
    granted: nodes.length > 0,
    costKey: "redisInfo",
    grant: nodes.length > 0 ? null : `ACL SETUSER ${user} +info`,
  };
  const limits = limitsOf(nodes, handle);
  const used = total(nodes, "used_memory");
  const most = total(nodes, "maxmemory");
  return {
    state: limits.some(({ severity }) => severity === "warning") ? "warning" : "healthy",
    version: first.get("valkey_version") ?? first.get("redis_version") ?? "?",
    latencyMs,
    sizeBytes: nodes.length > 0 ? used : null,
    freeBytes: most && used !== null ? Math.max(0, most - used) : null,
    rights: [infoRight, ...rights],
    limits,
    facts: {
      server: first.has("valkey_version") ? "Valkey" : "Redis",
      user,
      role: first.get("role") === "slave" ? "replica" : (first.get("role") ?? null),
      cluster,
      nodes: cluster ? nodes.length : null,
      evictionPolicy: first.get("maxmemory_policy") ?? null,
      persistence: nodes.length > 0 ? persistenceOf(first) : null,
      uptimeSeconds: first.has("uptime_in_seconds") ? Number(first.get("uptime_in_seconds")) : null,
    },
  };
}

const notRedis = () =>
  new StoreError("unreachable", "What answers on this port is not Redis. See that host and port are right.", {
    key: "redis.protocol",
    details: { server: "", replyCode: NOT_REDIS },
    retryable: false,
  });

async function readInfoIfAllowed(session: Session): Promise<{ nodes: NodeInfo[]; cluster: boolean }> {
  try {
    return await readInfo(session);
  } catch (error) {
    if (!(error instanceof StoreError) || error.key !== "redis.right") throw error;
    return { nodes: [], cluster: (await session.nodes()).cluster };
  }
}

async function userOf(session: Session, seed: { host: string; port: number }): Promise<string> {
  const configured = session.config.user || "default";
  return textOf(await session.on(seed, "ACL", "WHOAMI").catch(() => null)) || configured;
}

function persistenceOf(info: ReadonlyMap<string, string>): string {
  if (info.get("aof_enabled") === "1") return "AOF";
  return Number(info.get("rdb_last_save_time") ?? 0) > Number(startedAt(info)) + 60 ? "RDB" : "?";
}

const startedAt = (info: ReadonlyMap<string, string>): number =>
  Math.floor(Date.now() / 1_000) - Number(info.get("uptime_in_seconds") ?? 0);

function limitsOf(nodes: readonly NodeInfo[], handle: RedisHandle): Limit[] {
  const limits: Limit[] = [];
  const add: Add = (key, severity, details = {}) => limits.push({ key, severity, details });
  for (const one of nodes) nodeLimits(one, add);
  const major = Number.parseInt(nodes[0]?.values.get("redis_version") ?? "99", 10);
  if (major < OLDEST_MAJOR)
    add("redisOld", "warning", { version: nodes[0]?.values.get("redis_version") ?? "" });
  if (handle.config.ssl === "disable" && handle.config.password !== "") {
    const local = /^(127\.|localhost$|::1$)/.test(handle.config.host);
    if (!local) add("redisPlain", "info");
  }
  return limits;
}

function nodeLimits({ label: node, values }: NodeInfo, add: Add): void {
  const number = (name: string): number => Number(values.get(name) ?? 0);
  if (values.get("role") === "slave") add("redisReplica", "warning", { node });
  if (values.get("role") === "slave" && values.get("master_link_status") === "down") {
    add("redisMasterDown", "warning", { node });
  }
  if (values.get("loading") === "1") add("redisLoading", "warning", { node });
  const policy = values.get("maxmemory_policy") ?? "noeviction";
  if (policy.startsWith("allkeys-") && number("maxmemory") > 0)
    add("redisEvicts", "warning", { node, policy });
  const filled = number("maxmemory") > 0 ? number("used_memory") / number("maxmemory") : 0;
  if (filled > MEMORY_WARNING) add("redisMemoryFull", "warning", { node, percent: Math.round(filled * 100) });
  const fragmentation = number("mem_fragmentation_ratio");
  if (fragmentation > FRAGMENTATION_WARNING && number("used_memory") > FRAGMENTATION_FROM_BYTES) {
    add("redisFragmented", "warning", { node, ratio: fragmentation });
  }
  if (values.get("rdb_last_bgsave_status") === "err") add("redisRdbFailed", "warning", { node });
  if (values.get("aof_last_write_status") === "err" || values.get("aof_last_bgrewrite_status") === "err") {
    add("redisAofFailed", "warning", { node });
  }
  if (values.get("aof_enabled") === "0" && persistenceOf(values) === "?")
    add("redisNoPersistence", "info", { node });
}
