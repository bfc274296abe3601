import type { Session } from "@/lib/stores/redis/client";
import { hitRatio, type NodeInfo, readInfo, total } from "@/lib/stores/redis/info";
import { type KeyGroup, type KeySample, sampleKeys } from "@/lib/stores/redis/key-sample";
import { listOf, numberOf, textOf } from "@/lib/stores/redis/reply";
import type { Breakdown, Figure, Limit, StoreFigures } from "@/lib/stores/store";

/** Memory, evictions, hits and clients from INFO; memory by prefix from a sample; each panel for itself. */
export async function readFigures(session: Session): Promise<StoreFigures> {
  const notes: Limit[] = [];
  const note = (key: string, details: Limit["details"] = {}) =>
    notes.push({ key, severity: "info", details });
  const info = await panel(
    session,
    () => readInfo(session),
    () => note("redisNoInfo"),
  );
  const sample = await panel(
    session,
    () => sampleKeys(session, "within"),
    () => note("redisNoScan"),
  );
  const spikes = await panel(
    session,
    () => latencyPeaks(session),
    () => note("redisNoLatency"),
  );
  if (sample) {
    const memory = sample.groups.some(({ meanBytes }) => meanBytes !== null);
    if (!memory && sample.groups.length > 0) note("redisNoMemoryUsage");
    else
      note(sample.complete ? "redisSampleAll" : "redisSample", {
        sampled: sample.sampled,
        keys: sample.keyCount,
      });
  }
  for (const group of sample ? piling(sample) : []) {
    note("redisNoExpiry", {
      pattern: group.pattern,
      without: group.withoutExpiry,
      sampled: group.lookedAt,
    });
  }
  return {
    figures: [...(info ? serverFigures(info.nodes) : []), ...(sample ? keyFigures(sample) : [])],
    breakdowns: [
      ...(sample ? [memoryByPrefix(sample), keysByPrefix(sample), withoutExpiryByPrefix(sample)] : []),
      ...(info?.cluster ? [memoryByNode(info.nodes)] : []),
      ...(spikes ?? []),
    ],
    notes,
  };
}

async function panel<T>(session: Session, read: () => Promise<T>, missing: () => void): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (session.signal.aborted || (error as { code?: string }).code !== "forbidden") throw error;
    missing();
    return null;
  }
}

function serverFigures(nodes: readonly NodeInfo[]): Figure[] {
  const most = total(nodes, "maxmemory");
  const figure = (key: string, value: number | null, unit: Figure["unit"], charted = true): Figure => ({
    key,
    value,
    unit,
    charted,
  });
  const worst = Math.max(...nodes.map(({ values }) => Number(values.get("mem_fragmentation_ratio") ?? 0)));
  return [
    { ...figure("redisMemory", total(nodes, "used_memory"), "bytes"), ...(most ? { limit: most } : {}) },
    figure("redisRss", total(nodes, "used_memory_rss"), "bytes"),
    figure("redisFragmentation", Number.isFinite(worst) && worst > 0 ? worst : null, "count"),
    figure("redisEvicted", total(nodes, "evicted_keys"), "count"),
    figure("redisExpired", total(nodes, "expired_keys"), "count"),
    figure("redisHitRatio", hitRatio(nodes), "ratio"),
    figure("redisClients", total(nodes, "connected_clients"), "count"),
    figure("redisBlocked", total(nodes, "blocked_clients"), "count"),
    figure("redisOps", total(nodes, "instantaneous_ops_per_sec"), "perSecond"),
  ];
}

function keyFigures(sample: KeySample): Figure[] {
  const looked = sample.groups.reduce((sum, group) => sum + group.estimated, 0);
  const without = sample.groups.reduce(
    (sum, group) =>
      sum + (group.lookedAt === 0 ? 0 : (group.estimated * group.withoutExpiry) / group.lookedAt),
    0,
  );
  return [
    { key: "redisKeys", value: sample.keyCount, unit: "count", charted: true },
    {
      key: "redisWithoutExpiry",
      value: looked === 0 ? null : Math.round(without),
      unit: "count",
      charted: true,
    },
  ];
}

const memoryByPrefix = (sample: KeySample): Breakdown => ({
  key: "redisMemoryByPrefix",
  unit: "bytes",
  rows: sample.groups
    .filter(({ meanBytes }) => meanBytes !== null)
    .map((group) => ({ label: group.pattern, value: group.estimatedBytes })),
});

const keysByPrefix = (sample: KeySample): Breakdown => ({
  key: "redisKeysByPrefix",
  unit: "count",
  rows: [...sample.groups]
    .sort((a, b) => b.estimated - a.estimated)
    .map((group) => ({
      label: group.pattern,
      value: group.estimated,
      note: [...group.types.keys()].join(", "),
    })),
});

const MOST_ADVISED = 3;

/** The largest groups of keys most of which never expire. Streams are shortened by archiving, not by expiry. */
const piling = (sample: KeySample): KeyGroup[] =>
  sample.groups
    .filter(({ types, withoutExpiry, lookedAt }) => !types.has("stream") && withoutExpiry * 2 > lookedAt)
    .slice(0, MOST_ADVISED);

const withoutExpiryByPrefix = (sample: KeySample): Breakdown => ({
  key: "redisWithoutExpiryByPrefix",
  unit: "count",
  rows: sample.groups
    .map(({ pattern, estimated, withoutExpiry, lookedAt }) => ({
      label: pattern,
      value: Math.round((estimated * withoutExpiry) / Math.max(1, lookedAt)),
    }))
    .filter(({ value }) => value > 0)
    .sort((a, b) => b.value - a.value),
});

const memoryByNode = (nodes: readonly NodeInfo[]): Breakdown => ({
  key: "redisMemoryByNode",
  unit: "bytes",
  rows: nodes
    .map(({ label, node, values }) => ({
      label,
      value: Number(values.get("used_memory") ?? 0),
      note: node.slots.map(([from, to]) => `${from}–${to}`).join(", "),
    }))
    .sort((a, b) => b.value - a.value),
});

/** The longest pause of each kind since the last reset; empty unless latency-monitor-threshold is set. */
async function latencyPeaks(session: Session): Promise<Breakdown[]> {
  const peaks = new Map<string, number>();
  for (const node of (await session.nodes()).nodes) {
    for (const event of listOf(await session.on(node, "LATENCY", "LATEST"))) {
      const [name, , , longest] = listOf(event);
      peaks.set(textOf(name), Math.max(peaks.get(textOf(name)) ?? 0, numberOf(longest)));
    }
  }
  if (peaks.size === 0) return [];
  const rows = [...peaks].map(([label, value]) => ({ label, value })).sort((a, b) => b.value - a.value);
  return [{ key: "redisLatency", unit: "ms", rows: rows.slice(0, 50) }];
}
