import { StoreError } from "@/lib/errors";
import type { Session } from "@/lib/stores/redis/client";
import { hitRatio, readInfo } from "@/lib/stores/redis/info";
import { listOf, numberOf, type Reply, textOf } from "@/lib/stores/redis/reply";
import type { QueryStats } from "@/lib/stores/store";

/** Entries of the slow log read per node; the server keeps 128 unless told otherwise. */
const ENTRIES = 128;
/** Commands whose second word names what they do. */
const WITH_SUBCOMMAND = new Set([
  "XINFO",
  "XGROUP",
  "MEMORY",
  "CLUSTER",
  "CONFIG",
  "CLIENT",
  "SCRIPT",
  "OBJECT",
]);
const WITHOUT_KEY = new Set([
  "SCAN",
  "KEYS",
  "EVAL",
  "EVALSHA",
  "FCALL",
  "INFO",
  "AUTH",
  "HELLO",
  "MIGRATE",
  "MULTI",
  "EXEC",
]);

interface Slow {
  text: string;
  at: number;
  ms: number;
}

/** The slowest commands of the slow log, of one form together. Values are left out: they may be anything. */
export async function readQueryStats(session: Session): Promise<QueryStats> {
  const cacheHitRatio = await readInfo(session).then(
    ({ nodes }) => hitRatio(nodes),
    () => null,
  );
  const rest = { connections: null, cacheHitRatio };
  try {
    const slow: Slow[] = [];
    for (const node of (await session.nodes()).nodes) {
      slow.push(...listOf(await session.on(node, "SLOWLOG", "GET", ENTRIES)).map(slowOf));
    }
    const oldest = slow.length === 0 ? null : Math.min(...slow.map(({ at }) => at));
    return {
      available: true,
      hintKey: null,
      since: oldest === null ? null : new Date(oldest * 1_000).toISOString(),
      queries: grouped(slow),
      ...rest,
    };
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "forbidden") throw error;
    return { available: false, hintKey: "redisSlowlog", since: null, queries: [], ...rest };
  }
}

function slowOf(reply: Reply): Slow {
  const [, at, micros, words] = listOf(reply);
  return { text: formOf(listOf(words).map(textOf)), at: numberOf(at), ms: numberOf(micros) / 1_000 };
}

/** `XADD logs:* (+5)`: the command, the prefix of its key, how many more words it had. */
function formOf(words: readonly string[]): string {
  const command = (words[0] ?? "").toUpperCase();
  const shown = [command];
  let at = 1;
  if (WITH_SUBCOMMAND.has(command) && words[at]) shown.push((words[at++] ?? "").toUpperCase());
  const key = words[at];
  if (key && !WITHOUT_KEY.has(command)) {
    const colon = key.indexOf(":");
    shown.push(colon > 0 ? `${key.slice(0, colon)}:*` : key.slice(0, 80));
    at += 1;
  }
  const more = words.length - at;
  return more > 0 ? `${shown.join(" ")} (+${more})` : shown.join(" ");
}

function grouped(slow: readonly Slow[]): QueryStats["queries"] {
  const forms = new Map<string, number[]>();
  for (const { text, ms } of slow) forms.set(text, [...(forms.get(text) ?? []), ms]);
  return [...forms]
    .map(([text, times]) => {
      const totalMs = times.reduce((sum, ms) => sum + ms, 0);
      return {
        queryId: text,
        text,
        calls: times.length,
        meanMs: totalMs / times.length,
        maxMs: Math.max(...times),
        totalMs,
        rowCount: 0,
        cacheHitRatio: null,
      };
    })
    .sort((a, b) => b.totalMs - a.totalMs);
}
