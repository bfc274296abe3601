import type { Redis } from "ioredis";
import { StoreError } from "@/lib/errors";
import { type HostGuard, hostGuard } from "@/lib/stores/host-guard";
import type { RedisConfig } from "@/lib/stores/redis/config";
import { type Address, connectRedis } from "@/lib/stores/redis/connect";
import { callTimeout, cancelled, readOnlyHandle, replyCode, toStoreError } from "@/lib/stores/redis/errors";
import { listOf, numberOf, type Reply, textOf } from "@/lib/stores/redis/reply";
import { slotOf } from "@/lib/stores/redis/slots";
import type { OpenOptions } from "@/lib/stores/store";

export type Argument = string | number | Buffer;

/** A server, or a primary of a cluster with the slots it holds, both ends included. */
export interface Node extends Address {
  slots: readonly (readonly [number, number])[];
}

/** What a handle opened for reading may send: none of these changes anything. */
const READING = new Set(
  "PING INFO SCAN TYPE TTL EXISTS DBSIZE XLEN XRANGE XREVRANGE XINFO XPENDING MEMORY SLOWLOG LATENCY CLUSTER ACL".split(
    " ",
  ),
);
/** Subcommands of those that do change something. */
const CHANGING =
  /^(PURGE|RESET|DOCTOR|SETUSER|DELUSER|LOAD|SAVE|FAILOVER|FORGET|MEET|SETSLOT|ADDSLOTS|DELSLOTS)/i;

const TOPOLOGY_MS = 60_000;
const MOST_MOVES = 4;

/** Connections to the nodes of one store, one per node, opened at the first call that needs them. */
export class RedisHandle {
  private readonly guard: HostGuard;
  private readonly connections = new Map<string, Promise<Redis>>();
  private topology: { nodes: Node[]; cluster: boolean; at: number } | null = null;
  private closed = false;

  constructor(
    readonly config: RedisConfig,
    readonly options: OpenOptions,
  ) {
    this.guard = hostGuard(options.allowedHosts);
  }

  /** Calls under one signal, each with its own time limit. */
  session(signal: AbortSignal, timeoutMs = this.options.timeoutMs): Session {
    return new Session(this, signal, timeoutMs);
  }

  async nodes(session: Session): Promise<{ nodes: Node[]; cluster: boolean }> {
    if (this.topology && Date.now() - this.topology.at < TOPOLOGY_MS) return this.topology;
    const { host, port } = this.config;
    const found = clusterNodes(await clusterSlots(session, { host, port }), host);
    const alone: Node = { host, port, slots: [[0, 16_383]] };
    this.topology = { nodes: found.length > 0 ? found : [alone], cluster: found.length > 0, at: Date.now() };
    return this.topology;
  }

  forgetNodes(): void {
    this.topology = null;
  }

  async connection(address: Address): Promise<Redis> {
    if (this.closed)
      throw new StoreError("unreachable", "The store's handle was closed.", { retryable: true });
    const id = `${address.host}:${address.port}`;
    const there = this.connections.get(id);
    if (there) {
      const redis = await there;
      if (redis.status === "ready") return redis;
      if (this.connections.get(id) === there) this.connections.delete(id);
    }
    const opening = this.connections.get(id) ?? connectRedis(this.config, address, this.guard, this.options);
    this.connections.set(id, opening);
    opening.catch(() => this.connections.get(id) === opening && this.connections.delete(id));
    return opening;
  }

  /** A connection that hung is not used again. */
  drop(address: Address, redis: Redis): void {
    this.connections.delete(`${address.host}:${address.port}`);
    redis.disconnect();
  }

  async close(): Promise<void> {
    this.closed = true;
    const open = [...this.connections.values()];
    this.connections.clear();
    for (const one of await Promise.allSettled(open)) if (one.status === "fulfilled") one.value.disconnect();
  }
}

/** Sends commands to nodes, or to the node that holds a key. Every failure is a StoreError. */
export class Session {
  constructor(
    private readonly handle: RedisHandle,
    readonly signal: AbortSignal,
    private readonly timeoutMs: number,
  ) {}

  get config(): RedisConfig {
    return this.handle.config;
  }

  get access(): "read" | "write" {
    return this.handle.options.access;
  }

  nodes(): Promise<{ nodes: Node[]; cluster: boolean }> {
    return this.handle.nodes(this);
  }

  async on(node: Address, command: string, ...args: Argument[]): Promise<Reply> {
    this.guard(command, args[0]);
    return this.send(node, (redis) => redis.callBuffer(command, ...args) as Promise<Reply>);
  }

  /** On the node that holds the key, following a key that moved. */
  async of(key: Buffer, command: string, ...args: Argument[]): Promise<Reply> {
    this.guard(command, args[0]);
    return this.following(key, (node) =>
      this.send(node, (redis) => redis.callBuffer(command, ...args) as Promise<Reply>),
    );
  }

  /** Commands on one key as one transaction: nobody sees a part of it. One result or error per command. */
  async transaction(key: Buffer, commands: readonly Argument[][]): Promise<(Reply | Error)[]> {
    this.guard("MULTI", undefined);
    return this.following(key, (node) =>
      this.send(node, async (redis) => {
        const batch = redis.multi();
        for (const [name = "", ...args] of commands) batch.call(String(name), ...args);
        const results = (await batch.exec().catch(causeOfAbort)) ?? [];
        return results.map(([error, reply]) => error ?? (reply as Reply));
      }),
    );
  }

  private guard(command: string, first: Argument | undefined): void {
    if (this.access === "write") return;
    if (READING.has(command) && !CHANGING.test(String(first ?? ""))) return;
    throw readOnlyHandle(command);
  }

  private async following<T>(key: Buffer, work: (node: Node) => Promise<T>): Promise<T> {
    const slot = slotOf(key);
    for (let turn = 0; ; turn += 1) {
      const { nodes } = await this.nodes();
      const node =
        nodes.find(({ slots }) => slots.some(([from, to]) => slot >= from && slot <= to)) ?? nodes[0];
      if (!node) throw new StoreError("internal", "A store has at least one node.");
      try {
        return await work(node);
      } catch (error) {
        if (replyCode(error) !== "MOVED" || turn >= MOST_MOVES) throw error;
        this.handle.forgetNodes();
      }
    }
  }

  /** Ends in time whatever the server does. */
  private async send<T>(node: Address, work: (redis: Redis) => Promise<T>): Promise<T> {
    const { signal, timeoutMs } = this;
    if (signal.aborted) throw cancelled();
    let used: Redis | undefined;
    let end: () => void = () => undefined;
    const stopped = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => {
        if (used) this.handle.drop(node, used);
        reject(callTimeout(timeoutMs));
      }, timeoutMs);
      const abort = () => reject(cancelled());
      signal.addEventListener("abort", abort, { once: true });
      end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      };
    });
    const working = this.handle.connection(node).then((redis) => {
      used = redis;
      return work(redis);
    });
    working.catch(() => undefined);
    try {
      return await Promise.race([working, stopped]);
    } catch (error) {
      throw toStoreError(error);
    } finally {
      end();
    }
  }
}

/** EXECABORT only says that a command was refused while it was queued; that command's own error says why. */
function causeOfAbort(error: { previousErrors?: readonly unknown[] }): never {
  throw error.previousErrors?.[0] ?? error;
}

/** Empty for a server that is no cluster, and for a user who may not ask: then MOVED tells. */
async function clusterSlots(session: Session, seed: Address): Promise<Reply> {
  try {
    return await session.on(seed, "CLUSTER", "SLOTS");
  } catch (error) {
    if (replyCode(error) === "ERR" || replyCode(error) === "NOPERM") return [];
    throw error;
  }
}

function clusterNodes(reply: Reply, seedHost: string): Node[] {
  const nodes = new Map<string, { host: string; port: number; slots: [number, number][] }>();
  for (const range of listOf(reply)) {
    const [from, to, primary] = listOf(range);
    const [host, port] = listOf(primary);
    const name = textOf(host);
    const address = { host: name === "" || name === "?" ? seedHost : name, port: numberOf(port) };
    const id = `${address.host}:${address.port}`;
    const node = nodes.get(id) ?? { ...address, slots: [] };
    node.slots.push([numberOf(from), numberOf(to)]);
    nodes.set(id, node);
  }
  return [...nodes.values()];
}
