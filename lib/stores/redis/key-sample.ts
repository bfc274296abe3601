import type { Node, Session } from "@/lib/stores/redis/client";
import { bufferOf, listOf, numberOf, textOf } from "@/lib/stores/redis/reply";

/** Most keys looked at per node for a sample, and how long that may take. */
const SAMPLE_KEYS = 20_000;
const SAMPLE_MS = 3_000;
/** Keys whose type, memory and expiry are asked for, per group. */
const LOOKED_AT = 20;
const MOST_GROUPS = 50;
const SCAN_COUNT = 1_000;
const PIPELINE = 1_000;

export interface KeyGroup {
  /** `cache:*`; `*` for keys without a colon. */
  pattern: string;
  /** Found in the sample, and worked out for all keys. */
  sampled: number;
  estimated: number;
  /** Of those looked at. */
  types: Map<string, number>;
  lookedAt: number;
  withoutExpiry: number;
  /** Mean of MEMORY USAGE of those looked at; null when the user may not ask. */
  meanBytes: number | null;
  estimatedBytes: number;
}

export interface KeySample {
  keyCount: number;
  sampled: number;
  /** False: figures are worked out from a part of the keys. */
  complete: boolean;
  groups: KeyGroup[];
  streams: Buffer[];
}

const patternOf = (key: Buffer): string => {
  const colon = key.indexOf(0x3a);
  return colon > 0 ? `${key.subarray(0, colon).toString("utf8")}:*` : "*";
};

interface Bag {
  keys: Buffer[];
  count: number;
}

/**
 * Keys by prefix from a bounded walk by SCAN over every node; sizes, types and expiry from a few keys of each group.
 * Reads only, and touches no key's idle time. Streams are told apart by their type and not part of a group.
 */
export async function sampleKeys(session: Session, withStreams: "apart" | "within"): Promise<KeySample> {
  const { nodes } = await session.nodes();
  const bags = new Map<string, Bag>();
  const streams: Buffer[] = [];
  let [keyCount, sampled, complete] = [0, 0, true];
  for (const node of nodes) {
    keyCount += numberOf(await session.on(node, "DBSIZE"));
    const walked = await walk(session, node, SAMPLE_KEYS);
    complete &&= walked.complete;
    sampled += walked.keys.length;
    const types = withStreams === "apart" ? await typesOf(session, node, walked.keys) : [];
    walked.keys.forEach((key, at) => {
      if (types[at] === "stream") streams.push(key);
      else put(bags, key);
    });
  }
  const factor = complete || sampled === 0 ? 1 : keyCount / sampled;
  const largest = [...bags].sort(([, a], [, b]) => b.count - a.count).slice(0, MOST_GROUPS);
  const groups: KeyGroup[] = [];
  for (const [pattern, bag] of largest) groups.push(await lookAt(session, pattern, bag, factor));
  groups.sort((a, b) => b.estimatedBytes - a.estimatedBytes);
  return { keyCount, sampled, complete, groups, streams };
}

function put(bags: Map<string, Bag>, key: Buffer): void {
  const pattern = patternOf(key);
  const bag = bags.get(pattern) ?? { keys: [], count: 0 };
  bag.count += 1;
  if (bag.keys.length < LOOKED_AT) bag.keys.push(key);
  bags.set(pattern, bag);
}

async function walk(
  session: Session,
  node: Node,
  most: number,
): Promise<{ keys: Buffer[]; complete: boolean }> {
  const until = Date.now() + SAMPLE_MS;
  const keys = new Map<string, Buffer>();
  let cursor = "0";
  do {
    const [next, found] = listOf(await session.on(node, "SCAN", cursor, "COUNT", SCAN_COUNT));
    cursor = textOf(next);
    // SCAN may name a key twice.
    for (const key of listOf(found).map(bufferOf)) keys.set(key.toString("latin1"), key);
  } while (cursor !== "0" && keys.size < most && Date.now() < until);
  return { keys: [...keys.values()], complete: cursor === "0" };
}

async function typesOf(session: Session, node: Node, keys: readonly Buffer[]): Promise<string[]> {
  const types: string[] = [];
  for (let at = 0; at < keys.length; at += PIPELINE) {
    const part = keys.slice(at, at + PIPELINE);
    types.push(
      ...(await Promise.all(part.map(async (key) => textOf(await quietly(session.on(node, "TYPE", key)))))),
    );
  }
  return types;
}

async function lookAt(session: Session, pattern: string, bag: Bag, factor: number): Promise<KeyGroup> {
  const looked = await Promise.all(
    bag.keys.map(async (key) => {
      const [type, expiry, bytes] = await Promise.all([
        quietly(session.of(key, "TYPE", key)),
        quietly(session.of(key, "TTL", key)),
        quietly(session.of(key, "MEMORY", "USAGE", key, "SAMPLES", 5)),
      ]);
      return {
        type: textOf(type),
        withoutExpiry: expiry === -1,
        bytes: bytes === undefined ? null : numberOf(bytes),
      };
    }),
  );
  const types = new Map<string, number>();
  for (const { type } of looked) types.set(type, (types.get(type) ?? 0) + 1);
  const sizes = looked.flatMap(({ bytes }) => bytes ?? []);
  const meanBytes = sizes.length === 0 ? null : sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const estimated = Math.round(bag.count * factor);
  return {
    pattern,
    sampled: bag.count,
    estimated,
    types,
    lookedAt: looked.length,
    withoutExpiry: looked.filter((one) => one.withoutExpiry).length,
    meanBytes,
    estimatedBytes: Math.round((meanBytes ?? 0) * estimated),
  };
}

/** A key that expired meanwhile, or that this user may not look at, tells nothing. */
const quietly = <T>(work: Promise<T>): Promise<T | undefined> => work.catch(() => undefined);

/** Streams beyond the sample: SCAN names them by type, the server still walks its keys, so for a bounded time. */
export async function findStreams(session: Session): Promise<{ streams: Buffer[]; complete: boolean }> {
  const found = new Map<string, Buffer>();
  let complete = true;
  for (const node of (await session.nodes()).nodes) {
    const until = Date.now() + SAMPLE_MS;
    let cursor = "0";
    do {
      const reply = listOf(await session.on(node, "SCAN", cursor, "COUNT", SCAN_COUNT, "TYPE", "stream"));
      cursor = textOf(reply[0]);
      for (const key of listOf(reply[1]).map(bufferOf)) found.set(key.toString("latin1"), key);
    } while (cursor !== "0" && Date.now() < until);
    complete &&= cursor === "0";
  }
  return { streams: [...found.values()], complete };
}
