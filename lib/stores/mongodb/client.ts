import { isIP } from "node:net";
import type { Document, FindOptions, MongoClient, MongoClientOptions } from "mongodb";
import { StoreError } from "@/lib/errors";
import { type HostGuard, hostGuard } from "@/lib/stores/host-guard";
import { hostsOf, type MongoConfig } from "@/lib/stores/mongodb/config";
import { callTimeout, cancelledError, readOnlyStore, toStoreError } from "@/lib/stores/mongodb/errors";
import { loadVendor } from "@/lib/stores/mongodb/vendor";
import type { OpenOptions } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";

/** Longest that finding a server may take: a page waits for it. */
const SELECT_MS = 5_000;
/** The driver's own bound lies behind ours, so that ours speaks first. */
const SOCKET_GRACE_MS = 5_000;

export interface RunOptions {
  signal: AbortSignal;
  timeoutMs?: number;
}

/** One handle on a MongoDB deployment. Connects at the first call; every call ends by its signal or in time. */
export class MongoHandle {
  private connecting: Promise<MongoClient> | undefined;
  private closed = false;
  /** Set when a member that the replica set announced lies at a forbidden address. */
  private forbidden: StoreError | undefined;

  constructor(
    readonly config: MongoConfig,
    readonly options: OpenOptions,
  ) {}

  /** Runs with the client. Throws StoreError only. */
  async run<R>(options: RunOptions, work: (client: MongoClient) => Promise<R>): Promise<R> {
    const timeoutMs = Math.max(1, options.timeoutMs ?? this.options.timeoutMs);
    return this.within(options.signal, timeoutMs, async () => work(await this.client()));
  }

  /** A command on a database, its answer as it came. Not retried by the client. */
  command(database: string, command: Document, options: RunOptions): Promise<Document> {
    return this.run(options, (client) => client.db(database).command(command));
  }

  /**
   * A command that may take hours, by a client of its own without a limit on its socket: the others' would end it, and
   * would leave the server at work on what nobody waits for.
   */
  async long(database: string, command: Document, options: RunOptions): Promise<Document> {
    const own = new MongoHandle(this.config, {
      ...this.options,
      timeoutMs: options.timeoutMs ?? this.options.timeoutMs,
      connections: 1,
    });
    try {
      return await own.command(database, command, options);
    } finally {
      await own.close();
    }
  }

  mustWrite(): void {
    if (this.options.access !== "write") throw readOnlyStore();
  }

  /** Documents as their bytes, one by one. The cursor is closed however the reading ends. */
  async *raw(
    table: TableRef,
    filter: Document,
    find: FindOptions,
    options: RunOptions,
  ): AsyncGenerator<Buffer, void, undefined> {
    const timeoutMs = options.timeoutMs ?? this.options.timeoutMs;
    const cursor = await this.run(options, async (client) =>
      client
        .db(table.schema)
        .collection(table.name)
        .find(filter, { ...find, raw: true }),
    );
    const fetch = (): Promise<unknown> => {
      const next = this.within(options.signal, timeoutMs, () => cursor.next());
      next.catch(() => undefined); // thrown where it is awaited
      return next;
    };
    try {
      let fetching = fetch();
      for (;;) {
        const first = await fetching;
        if (first === null) return;
        const buffered = [first, ...cursor.readBufferedDocuments()];
        // The server makes its next answer while this one is worked on: two of them are held at most.
        fetching = fetch();
        for (const document of buffered) {
          if (options.signal.aborted) throw cancelledError(options.signal.reason);
          yield asBuffer(document);
        }
      }
    } finally {
      // Not awaited: a server that hangs would hold up whoever stopped reading because it hangs.
      void cursor.close().catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    const { connecting } = this;
    this.connecting = undefined;
    const client = await connecting?.catch(() => undefined);
    await client?.close(true).catch(() => undefined);
  }

  /** First of: the work, the signal, the time. */
  private async within<R>(signal: AbortSignal, timeoutMs: number, work: () => Promise<R>): Promise<R> {
    if (signal.aborted) throw cancelledError(signal.reason);
    let stop: () => void = () => undefined;
    const ended = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => reject(callTimeout(timeoutMs)), timeoutMs);
      const abort = () => reject(cancelledError(signal.reason));
      signal.addEventListener("abort", abort, { once: true });
      stop = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      };
    });
    const working = work();
    working.catch(() => undefined);
    try {
      return await Promise.race([working, ended]);
    } catch (error) {
      throw this.forbidden ?? toStoreError(error);
    } finally {
      stop();
    }
  }

  private client(): Promise<MongoClient> {
    if (this.closed)
      throw new StoreError("unreachable", "This connection was closed.", {
        key: "mongodb.connection",
        details: { server: "" },
      });
    this.connecting ??= this.connect().catch((error: unknown) => {
      this.connecting = undefined;
      throw error;
    });
    return this.connecting;
  }

  private async connect(): Promise<MongoClient> {
    const { MongoClient } = await loadVendor();
    const hosts = hostsOf(this.config.hosts);
    const guard = hostGuard(this.options.allowedHosts);
    for (const { host } of hosts) await guard.check(host);
    const seeds = hosts.map(({ host, port }) => (isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`));
    const client = new MongoClient(
      `mongodb://${seeds.join(",")}/`,
      clientOptions(this, hosts.length, guard.lookup),
    );
    // Members that the replica set announces are connected to as well; addresses in figures pass by `lookup`.
    client.on("serverOpening", ({ address }) => {
      checkMember(address, guard).catch((error: unknown) => {
        this.forbidden = toStoreError(error);
        void client.close(true).catch(() => undefined);
      });
    });
    try {
      await client.connect();
      return client;
    } catch (error) {
      void client.close(true).catch(() => undefined);
      throw this.forbidden ?? toStoreError(error);
    }
  }
}

/** A server names its members; one that names a socket's path would send us to a server of this machine. */
export async function checkMember(address: string, guard: HostGuard): Promise<void> {
  const host = address.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  if (!host.includes("/") && !host.endsWith(".sock")) return guard.check(host);
  throw new StoreError(
    "refused",
    `The replica set names ${address} as a member, which is a socket's path and no host. Strata did not connect.`,
    { key: "hostForbidden", details: { host: address, address } },
  );
}

const asBuffer = (document: unknown): Buffer => {
  if (Buffer.isBuffer(document)) return document;
  if (document instanceof Uint8Array)
    return Buffer.from(document.buffer, document.byteOffset, document.byteLength);
  throw new Error("the client did not give a document's bytes");
};

function clientOptions(
  { config, options }: MongoHandle,
  hostCount: number,
  lookup: NonNullable<MongoClientOptions["lookup"]>,
): MongoClientOptions {
  // Sooner than the call's own time, so that the reason is told and not the time alone.
  const selectMs = Math.min(SELECT_MS, Math.ceil(options.timeoutMs * 0.8));
  const verified = config.ssl === "verify-full";
  return {
    appName: options.name,
    // Of one host without a set's name the host itself is meant, also a secondary.
    ...(config.replicaSet ? { replicaSet: config.replicaSet } : { directConnection: hostCount === 1 }),
    ...(config.user && {
      auth: { username: config.user, password: config.password },
      authSource: config.authSource || "admin",
      ...(config.authMechanism !== "default" && { authMechanism: config.authMechanism }),
    }),
    readPreference: config.readPreference,
    retryWrites: config.retryWrites === "on",
    tls: config.ssl !== "disable",
    ...(config.ssl !== "disable" && {
      ...(config.ca?.trim() && { ca: config.ca }),
      ...(verified ? {} : { tlsAllowInvalidCertificates: true, tlsAllowInvalidHostnames: true }),
    }),
    maxPoolSize: options.connections,
    serverSelectionTimeoutMS: selectMs,
    connectTimeoutMS: selectMs,
    socketTimeoutMS: options.timeoutMs + SOCKET_GRACE_MS,
    waitQueueTimeoutMS: options.timeoutMs,
    heartbeatFrequencyMS: 10_000,
    monitorCommands: false,
    lookup,
  };
}
