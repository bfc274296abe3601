import { StoreError } from "@/lib/errors";
import type { RedisHandle, Session } from "@/lib/stores/redis/client";
import { compareIds, rangeOf } from "@/lib/stores/redis/entry-id";
import { behind, pendingIn, quoted, readGroups } from "@/lib/stores/redis/groups";
import { rootOf } from "@/lib/stores/redis/read";
import { textOf } from "@/lib/stores/redis/reply";
import { homeOf, restoredName } from "@/lib/stores/redis/streams";
import { lastOf } from "@/lib/stores/redis/write";
import type { FamilyScope, ScopeRisk } from "@/lib/stores/rows";

/** Pending entries are counted up to this many: beyond, the plan says "at least". */
const MOST_PENDING = 1_000;

/** What stands in the way: groups that hold entries back from leaving, and where entries go when they come back. */
export async function scopeRisks(
  handle: RedisHandle,
  scope: FamilyScope,
  what: "move" | "export" | "delete" | "restore",
  signal: AbortSignal,
): Promise<ScopeRisk[]> {
  if (what === "restore") return restoreRisks(handle, scope, signal);
  return what === "delete" ? deleteRisks(handle, scope, signal) : [];
}

async function deleteRisks(
  handle: RedisHandle,
  scope: FamilyScope,
  signal: AbortSignal,
): Promise<ScopeRisk[]> {
  const session = handle.session(signal);
  const home = await homeOf(session, rootOf(scope).table);
  const range = rangeOf(scope);
  if (!range) return [];
  const { last } = await lastOf(session, home.main);
  const newest = compareIds(last, range.to) < 0 ? last : range.to;
  const risks: ScopeRisk[] = [];
  for (const group of await readGroups(session, home.main)) {
    const pending =
      group.pending > 0 ? await pendingIn(session, home.main, group.name, range, MOST_PENDING) : 0;
    if (pending > 0) {
      risks.push({ severity: "warn", key: "redisPending", details: { group: group.name, pending } });
    }
    if (behind(group, newest)) {
      risks.push({
        severity: "warn",
        key: "redisUndelivered",
        details: { group: group.name, last: group.lastDelivered },
        fix: [`XGROUP DESTROY ${quoted(home.name)} ${quoted(group.name)}`],
      });
    }
  }
  return risks;
}

async function restoreRisks(
  handle: RedisHandle,
  scope: FamilyScope,
  signal: AbortSignal,
): Promise<ScopeRisk[]> {
  const session = handle.session(signal);
  const home = await homeOf(session, rootOf(scope).table);
  const [main, restored] = await Promise.all([lastOf(session, home.main), lastOf(session, home.restored)]);
  const details = { table: home.name, target: restoredName(home.name), last: main.last };
  const risks: ScopeRisk[] = [{ severity: "info", key: "redisRestoredBeside", details }];
  if (await forgetsInCrash(session, home.main))
    risks.push({ severity: "warn", key: "redisRestoreForgotten", details: { table: home.name } });
  const from = rangeOf(scope)?.from ?? "0-0";
  if (home.hasRestored && compareIds(from, restored.last) <= 0) {
    risks.push({
      severity: "warn",
      key: "redisRestoredAbove",
      details: { target: restoredName(home.name), last: restored.last },
    });
  }
  return risks;
}

/**
 * Whether the server keeps no append-only file. What is restored is taken from its segments once it is read back: a
 * server that forgets it in a crash forgets the only copy. False where this user may not ask.
 */
async function forgetsInCrash(session: Session, key: Buffer): Promise<boolean> {
  try {
    return /^aof_enabled:0/m.test(textOf(await session.of(key, "INFO", "persistence")));
  } catch (error) {
    if (error instanceof StoreError && error.code === "forbidden") return false;
    throw error;
  }
}
