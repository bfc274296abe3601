import { StoreError } from "@/lib/errors";
import type { RedisHandle, Session } from "@/lib/stores/redis/client";
import { type NodeInfo, readInfo, total } from "@/lib/stores/redis/info";
import { infoOf } from "@/lib/stores/redis/reply";
import { homeOf, KEYS } from "@/lib/stores/redis/streams";
import type { OptimizeAction, OptimizePlan } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";

export const OPTIMIZE_ACTIONS = [
  { kind: "memoryPurge", danger: false },
  { kind: "rewriteAof", danger: false },
] as const;

const WORTH_RETURN_BYTES = 64 << 20;
const POLL_MS = 500;

/** Both work on the whole server, whatever the table: Redis keeps nothing per key that could be tidied. */
export async function optimizeOffers(
  session: Session,
  table: TableRef,
): Promise<{ action: OptimizeAction; plan: OptimizePlan }[]> {
  if (table.schema !== KEYS) await homeOf(session, table);
  const { nodes } = await readInfo(session);
  const offers = [{ action: { kind: "memoryPurge" }, plan: purgePlan(nodes) }];
  if (nodes.some(({ values }) => values.get("aof_enabled") === "1")) {
    offers.push({ action: { kind: "rewriteAof" }, plan: rewritePlan(nodes) });
  }
  return offers;
}

function purgePlan(nodes: readonly NodeInfo[]): OptimizePlan {
  const spare = Math.max(0, (total(nodes, "used_memory_rss") ?? 0) - (total(nodes, "used_memory") ?? 0));
  return {
    statements: nodes.map(({ label }) => `MEMORY PURGE -- ${label}`),
    lock: "none",
    lockName: "",
    needsBytes: 0,
    returnsBytes: spare,
    reusableBytes: 0,
    advice: {
      key: "redisPurge",
      worth: spare > WORTH_RETURN_BYTES ? "yes" : "no",
      details: { spareBytes: spare },
    },
  };
}

function rewritePlan(nodes: readonly NodeInfo[]): OptimizePlan {
  const size = total(nodes, "aof_current_size") ?? 0;
  const base = total(nodes, "aof_base_size") ?? 0;
  const grown = Math.max(0, size - base);
  return {
    statements: nodes.map(({ label }) => `BGREWRITEAOF -- ${label}`),
    lock: "none",
    lockName: "",
    // A child process writes a whole new file, and what is written meanwhile is kept in memory twice.
    needsBytes: total(nodes, "used_memory") ?? 0,
    returnsBytes: grown,
    reusableBytes: 0,
    advice: {
      key: "redisRewrite",
      worth: grown > base && grown > WORTH_RETURN_BYTES ? "yes" : "maybe",
      details: { sizeBytes: size, baseBytes: base },
    },
  };
}

/** Progress by nodes done: the server does not say how far it is. Harmless to repeat. */
export async function* runOptimize(
  handle: RedisHandle,
  table: TableRef,
  action: OptimizeAction,
  signal: AbortSignal,
): AsyncGenerator<{ phase: string; progress: number | null }> {
  const session = handle.session(signal);
  if (table.schema !== KEYS) await homeOf(session, table);
  const { nodes } = await session.nodes();
  for (const [at, node] of nodes.entries()) {
    yield { phase: action.kind, progress: at / nodes.length };
    if (action.kind === "memoryPurge") await session.on(node, "MEMORY", "PURGE");
    else if (action.kind === "rewriteAof") {
      await session.on(node, "BGREWRITEAOF");
      for (;;) {
        const info = infoOf(await session.on(node, "INFO", "persistence"));
        const busy = info.get("aof_rewrite_in_progress") === "1" || info.get("aof_rewrite_scheduled") === "1";
        if (!busy && info.get("aof_last_bgrewrite_status") === "err")
          throw rewriteFailed(`${node.host}:${node.port}`);
        if (!busy) break;
        yield { phase: action.kind, progress: null };
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      }
    } else throw unknownAction(action.kind);
  }
  yield { phase: action.kind, progress: 1 };
}

const rewriteFailed = (node: string) =>
  new StoreError(
    "internal",
    `${node} could not rewrite its append-only file; the old one stays in use and nothing is lost. See its log and free space.`,
    { key: "redis.rewriteFailed", details: { node } },
  );

const unknownAction = (kind: string) =>
  new StoreError("bad_input", `Redis has no action ${kind}. Nothing was changed.`, {
    key: "redis.unknownAction",
    details: { kind },
  });
