import { connect as connectPlain, type LookupFunction, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Redis } from "ioredis";
import type { HostGuard } from "@/lib/stores/host-guard";
import type { RedisConfig } from "@/lib/stores/redis/config";
import { callTimeout, NOT_REDIS, toStoreError } from "@/lib/stores/redis/errors";

export interface Address {
  host: string;
  port: number;
}

/** First bytes of RESP2 and RESP3 replies. */
const REPLY_BYTES = new Set([..."+-:$*_,#(=%~>!|"].map((sign) => sign.charCodeAt(0)));

const CONNECT_MS = 10_000;

/**
 * A connection that is signed in and has its database selected. It never reconnects by itself: whoever calls next
 * opens a new one, so a dead server costs one attempt and no more. Throws StoreError.
 */
export async function connectRedis(
  config: RedisConfig,
  address: Address,
  guard: HostGuard,
  options: { name: string; timeoutMs: number },
): Promise<Redis> {
  await guard.check(address.host);
  const { Redis, AbstractConnector } = await import("ioredis");
  let failure: unknown;
  class Connector extends AbstractConnector {
    constructor() {
      super(1_000);
    }
    async connect(): Promise<Socket> {
      this.connecting = true;
      const stream = openSocket(config, address, guard);
      stream.once("error", (error) => {
        failure ??= error;
        this.firstError = error;
      });
      stream.once("data", (chunk: Buffer) => {
        if (!REPLY_BYTES.has(chunk[0] ?? 0))
          failure = Object.assign(new Error("not RESP"), { code: NOT_REDIS });
      });
      this.stream = stream;
      return stream;
    }
  }
  const timeoutMs = Math.min(CONNECT_MS, options.timeoutMs);
  const redis = new Redis({
    Connector,
    // It only tells ioredis to wait for `secureConnect`: the connector above opens the socket.
    ...(config.ssl !== "disable" && { tls: {} }),
    lazyConnect: true,
    protocol: 2,
    enableReadyCheck: false,
    enableOfflineQueue: false,
    disableClientInfo: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: timeoutMs,
    noDelay: true,
    keepAlive: 30_000,
  });
  redis.on("error", (error) => {
    failure ??= error;
  });
  try {
    await within(signIn(redis, config, options.name), timeoutMs);
    // By now the server has answered something: what is no reply of the protocol was noticed.
    if (failure) throw failure;
    return redis;
  } catch (error) {
    redis.disconnect();
    // ioredis' own error only says that the connection is closed; the socket's says why.
    throw toStoreError(failure ?? error);
  }
}

/** Sent by hand: ioredis would hide a refused sign-in behind a warning on the console. */
async function signIn(redis: Redis, config: RedisConfig, name: string): Promise<void> {
  await redis.connect();
  if (config.password !== "" || config.user !== "") {
    const user = config.user === "" || config.user === "default" ? [] : [config.user];
    await redis.call("AUTH", ...user, config.password);
  }
  if (config.database !== 0) await redis.call("SELECT", config.database);
  // Names may not hold spaces; who may not name itself works nameless.
  await redis.call("CLIENT", "SETNAME", name.replace(/[^!-~]+/g, "-")).catch(() => undefined);
}

function openSocket(config: RedisConfig, { host, port }: Address, guard: HostGuard): Socket {
  const lookup = guard.lookup as LookupFunction;
  if (config.ssl === "disable") return connectPlain({ host, port, lookup });
  const ca = config.ca?.trim() ? { ca: config.ca } : {};
  const name = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  return connectTls({ host, port, lookup, ...name, ...ca, rejectUnauthorized: config.ssl === "verify-full" });
}

async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(callTimeout(timeoutMs)), timeoutMs);
  });
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
