import type { Session } from "@/lib/stores/redis/client";
import { ID_INDEX } from "@/lib/stores/redis/describe";
import { timeUsOf } from "@/lib/stores/redis/entry-id";
import { streamMissing } from "@/lib/stores/redis/errors";
import { behind, type ConsumerGroup, quoted, readGroups } from "@/lib/stores/redis/groups";
import { type KeyGroup, sampleKeys } from "@/lib/stores/redis/key-sample";
import { listOf, numberOf, pairsOf, type Reply, textOf } from "@/lib/stores/redis/reply";
import { homeOf, KEYS } from "@/lib/stores/redis/streams";
import type { Figure } from "@/lib/stores/store";
import type { TableAdvice, TableRef, TableStats } from "@/lib/stores/table";

const EMPTY = {
  indexBytes: 0,
  toastBytes: null,
  deadRows: null,
  liveRows: null,
  lastVacuumAt: null,
  lastAnalyzeAt: null,
  oldestAt: null,
  newestAt: null,
  indexes: [],
} as const;

export function tableStats(session: Session, ref: TableRef): Promise<TableStats> {
  return ref.schema === KEYS ? groupStats(session, ref) : streamStats(session, ref);
}

async function streamStats(session: Session, ref: TableRef): Promise<TableStats> {
  const home = await homeOf(session, ref);
  const notes: string[] = [];
  const missing = (right: string) => () => {
    notes.push(`${right} is missing (ACL)`);
    return null;
  };
  const key = home.main;
  const [info, bytes, groups, restored] = await Promise.all([
    session.of(key, "XINFO", "STREAM", key).catch(missing("xinfo|stream")),
    session.of(key, "MEMORY", "USAGE", key, "SAMPLES", 20).catch(missing("memory|usage")),
    readGroups(session, key).catch(missing("xinfo|groups")),
    home.hasRestored ? session.of(home.restored, "XLEN", home.restored) : Promise.resolve(0),
  ]);
  const stream = pairsOf(info ?? undefined);
  const length = info ? numberOf(stream.get("length")) : numberOf(await session.of(key, "XLEN", key));
  const size = numberOf(bytes ?? undefined);
  const newest = textOf(stream.get("last-generated-id"));
  return {
    ...EMPTY,
    rowCount: length + numberOf(restored),
    heapBytes: size,
    totalBytes: size,
    oldestAt: instantOf(stream.get("first-entry")),
    newestAt: instantOf(stream.get("last-entry")),
    indexes: [ID_INDEX],
    notes,
    figures: streamFigures(groups ?? [], numberOf(restored)),
    advice: groupAdvice(ref.name, groups ?? [], newest),
  };
}

function instantOf(entry: Reply | undefined): string | null {
  const id = textOf(listOf(entry)[0]);
  const us = id === "" ? null : timeUsOf(id);
  return us === null ? null : new Date(Number(us / 1_000n)).toISOString();
}

function streamFigures(groups: readonly ConsumerGroup[], restored: number): Figure[] {
  const lags = groups.flatMap(({ lag }) => lag ?? []);
  return [
    { key: "redisGroups", value: groups.length, unit: "count" },
    { key: "redisPending", value: groups.reduce((sum, { pending }) => sum + pending, 0), unit: "count" },
    { key: "redisLag", value: lags.length === 0 ? null : Math.max(...lags), unit: "count" },
    ...(groups.length === 0
      ? []
      : [
          {
            key: "redisDelivered",
            value: groups.map((one) => `${one.name}: ${one.lastDelivered}`).join(", "),
            unit: "text",
          } as const,
        ]),
    ...(restored === 0 ? [] : [{ key: "redisRestored", value: restored, unit: "count" } as const]),
  ];
}

/** Groups that keep entries from leaving: what they were not given, or have not acknowledged. */
function groupAdvice(name: string, groups: readonly ConsumerGroup[], newest: string): TableAdvice[] {
  return groups
    .filter((group) => group.pending > 0 || (newest !== "" && behind(group, newest)))
    .map((group) => ({
      key: "redisGroupHolds",
      worth: "maybe",
      details: {
        group: group.name,
        pending: group.pending,
        last: group.lastDelivered,
        consumers: group.consumers,
      },
      action: null,
      statements: [
        `XPENDING ${quoted(name)} ${quoted(group.name)}`,
        `XGROUP DESTROY ${quoted(name)} ${quoted(group.name)}`,
      ],
    }));
}

async function groupStats(session: Session, ref: TableRef): Promise<TableStats> {
  const sample = await sampleKeys(session, "apart");
  const group = sample.groups.find(({ pattern }) => pattern === ref.name);
  if (!group) throw streamMissing(ref.name);
  return {
    ...EMPTY,
    rowCount: group.estimated,
    heapBytes: group.estimatedBytes,
    totalBytes: group.estimatedBytes,
    notes: [],
    figures: [
      { key: "redisSampled", value: group.sampled, unit: "count" },
      { key: "redisTypes", value: [...group.types.keys()].join(", "), unit: "text" },
      {
        key: "redisMeanBytes",
        value: group.meanBytes === null ? null : Math.round(group.meanBytes),
        unit: "bytes",
      },
      { key: "redisNoExpiryRatio", value: group.withoutExpiry / Math.max(1, group.lookedAt), unit: "ratio" },
    ],
    advice: expiryAdvice(group),
  };
}

/** Keys that never expire pile up: the statements show how to find them and let them go, for a person to decide. */
export function expiryAdvice(group: KeyGroup): TableAdvice[] {
  if (group.withoutExpiry === 0) return [];
  const pattern = quoted(group.pattern);
  return [
    {
      key: "redisNoExpiry",
      worth: "maybe",
      details: { pattern: group.pattern, without: group.withoutExpiry, sampled: group.lookedAt },
      action: null,
      statements: [
        `redis-cli --scan --pattern '${pattern.replaceAll("'", "'\\''")}' | head -100`,
        "EXPIRE <key> 2592000 NX",
      ],
    },
  ];
}
