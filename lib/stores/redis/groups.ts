import type { Session } from "@/lib/stores/redis/client";
import { compareIds, type EntryId } from "@/lib/stores/redis/entry-id";
import { listOf, numberOf, pairsOf, textOf } from "@/lib/stores/redis/reply";

/** A consumer group: what it was not given yet and what it has not acknowledged must not be deleted. */
export interface ConsumerGroup {
  name: string;
  consumers: number;
  pending: number;
  lastDelivered: EntryId;
  /** Entries it was not given yet; null when the server does not tell (before Redis 7, or after deletions). */
  lag: number | null;
}

export async function readGroups(session: Session, key: Buffer): Promise<ConsumerGroup[]> {
  return listOf(await session.of(key, "XINFO", "GROUPS", key)).map((reply) => {
    const group = pairsOf(reply);
    const lag = group.get("lag");
    return {
      name: textOf(group.get("name")),
      consumers: numberOf(group.get("consumers")),
      pending: numberOf(group.get("pending")),
      lastDelivered: textOf(group.get("last-delivered-id")),
      lag: lag === undefined || lag === null ? null : numberOf(lag),
    };
  });
}

/** Pending entries of a group in a range of ids, at most so many. */
export async function pendingIn(
  session: Session,
  key: Buffer,
  group: string,
  range: { from: EntryId; to: EntryId },
  most: number,
): Promise<number> {
  return listOf(await session.of(key, "XPENDING", key, group, range.from, range.to, most)).length;
}

export const behind = (group: ConsumerGroup, id: EntryId): boolean => compareIds(group.lastDelivered, id) < 0;

/** Quoted for redis-cli. */
export const quoted = (text: string): string => (/^[\w:.*-]+$/.test(text) ? text : JSON.stringify(text));
