import type { Argument, Session } from "@/lib/stores/redis/client";
import { replyCode } from "@/lib/stores/redis/errors";
import { bufferOf, listOf, textOf } from "@/lib/stores/redis/reply";
import type { Right } from "@/lib/stores/store";

/** A key that is not there: asking for it changes nothing. */
const NO_KEY = "strata:no-such-key";

interface Asked {
  name: string;
  costKey: string;
  command: Argument[];
}

/** Commands that only look, sent as they are. */
const LOOKS: readonly Asked[] = [
  { name: "scan", costKey: "redisScan", command: ["SCAN", "0", "COUNT", 1] },
  { name: "dbsize", costKey: "redisScan", command: ["DBSIZE"] },
  { name: "slowlog|get", costKey: "redisSlowlog", command: ["SLOWLOG", "GET", 1] },
  { name: "latency|latest", costKey: "redisLatency", command: ["LATENCY", "LATEST"] },
];

/** On a key the user may see. */
const KEY_LOOKS: readonly { name: string; costKey: string; before: Argument[]; after: Argument[] }[] = [
  { name: "type", costKey: "redisStreams", before: ["TYPE"], after: [] },
  { name: "ttl", costKey: "redisMemory", before: ["TTL"], after: [] },
  { name: "memory|usage", costKey: "redisMemory", before: ["MEMORY", "USAGE"], after: ["SAMPLES", 1] },
  { name: "xlen", costKey: "redisStreams", before: ["XLEN"], after: [] },
  { name: "xrange", costKey: "redisStreams", before: ["XRANGE"], after: ["-", "-", "COUNT", 1] },
  { name: "xrevrange", costKey: "redisStreams", before: ["XREVRANGE"], after: ["-", "-", "COUNT", 1] },
  { name: "xinfo|stream", costKey: "redisGroups", before: ["XINFO", "STREAM"], after: [] },
  { name: "xinfo|groups", costKey: "redisGroups", before: ["XINFO", "GROUPS"], after: [] },
];

/** What changes something is never sent: ACL DRYRUN (Redis 7) answers for it. */
const CHANGES: readonly Asked[] = [
  { name: "eval", costKey: "redisDelete", command: ["EVAL", "return 1", "1", NO_KEY] },
  { name: "xdel", costKey: "redisDelete", command: ["XDEL", NO_KEY, "0-1"] },
  { name: "xpending", costKey: "redisDelete", command: ["XPENDING", NO_KEY, "g"] },
  { name: "xadd", costKey: "redisAdd", command: ["XADD", NO_KEY, "1-1", "f", "v"] },
  { name: "multi", costKey: "redisAdd", command: ["MULTI"] },
  { name: "exec", costKey: "redisAdd", command: ["EXEC"] },
  { name: "del", costKey: "redisDelete", command: ["DEL", NO_KEY] },
  { name: "memory|purge", costKey: "redisOptimize", command: ["MEMORY", "PURGE"] },
  { name: "bgrewriteaof", costKey: "redisOptimize", command: ["BGREWRITEAOF"] },
];

/** Rights of the user, each found by asking; what cannot be asked is left out. */
export async function readRights(session: Session, user: string): Promise<Right[]> {
  const [node] = (await session.nodes()).nodes;
  if (!node) return [];
  const key = await anyKey(session);
  const looks = [
    ...LOOKS,
    ...KEY_LOOKS.map(({ before, after, ...rest }) => ({ ...rest, command: [...before, key, ...after] })),
  ];
  const rights: Right[] = [];
  for (const { name, costKey, command } of looks) {
    const send =
      name.startsWith("x") || command.includes(key)
        ? session.of(key, ...split(command))
        : session.on(node, ...split(command));
    rights.push(right(name, costKey, await allowed(send), user));
  }
  if (session.access === "read") return rights;
  for (const { name, costKey, command } of CHANGES) {
    const answer = await session.on(node, "ACL", "DRYRUN", user, ...command).catch(() => null);
    if (answer === null) continue;
    // Keys of a user's patterns are not known: what is refused for this key alone is no missing right.
    const said = textOf(answer);
    rights.push(right(name, costKey, said === "OK" || said.includes(NO_KEY), user));
  }
  return rights;
}

const split = ([command = "", ...args]: Argument[]): [string, ...Argument[]] => [String(command), ...args];

const right = (name: string, costKey: string, granted: boolean, user: string): Right => ({
  name,
  granted,
  costKey,
  grant: granted ? null : `ACL SETUSER ${user} +${name}`,
});

/** Any other error (no such key, another type) comes after the right was found. */
const allowed = (send: Promise<unknown>): Promise<boolean> =>
  send.then(
    () => true,
    (error: unknown) => {
      if (replyCode(error) === "NOPERM") return false;
      if (["ERR", "WRONGTYPE"].includes(replyCode(error))) return true;
      throw error;
    },
  );

/** A stream if the first keys hold one, else some key: a user may be let to some prefixes only. */
async function anyKey(session: Session): Promise<Buffer> {
  const { nodes } = await session.nodes();
  for (const node of nodes) {
    for (const more of [["TYPE", "stream"], []]) {
      const reply = await session.on(node, "SCAN", "0", "COUNT", 1_000, ...more).catch(() => []);
      for (const key of listOf(listOf(reply)[1]).slice(0, 50).map(bufferOf)) {
        if (await allowed(session.of(key, "TYPE", key))) return key;
      }
    }
  }
  return Buffer.from(NO_KEY);
}
