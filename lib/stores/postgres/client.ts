import pg from "pg";
import { StoreError } from "@/lib/errors";
import { abortable } from "@/lib/stores/abortable";
import { hostGuard } from "@/lib/stores/host-guard";
import type { PostgresConfig } from "@/lib/stores/postgres/config";
import {
  callTimeout,
  cancelledError,
  connectionLost,
  sqlState,
  toStoreError,
} from "@/lib/stores/postgres/errors";
import { checkPlace, connectTo, guardedSocket } from "@/lib/stores/postgres/socket";
import { literal } from "@/lib/stores/postgres/sql";
import { tlsOptions } from "@/lib/stores/postgres/tls";
import type { OpenOptions } from "@/lib/stores/store";

/** Every value arrives as the text the server sent. */
export type Row = Record<string, string | null>;
type Param = string | number | Buffer | null;

export interface Session {
  query(text: string, params?: readonly Param[]): Promise<Row[]>;
  /** For COPY: the client itself. */
  readonly client: pg.PoolClient;
}

export interface RunOptions {
  signal: AbortSignal;
  /** Default: the handle's. Null: as long as it takes. */
  timeoutMs?: number | null;
  lockTimeoutMs?: number;
  /**
   * `none`: no transaction (VACUUM…, and single reads that must cost one round trip); `snapshot…`: one view of the
   * data for all statements.
   */
  transaction?: "read" | "write" | "snapshotRead" | "snapshotWrite" | "none";
}

const CONNECT_TIMEOUT_MS = 8_000;
/** How long the server gets to report its own timeout before we hang up. */
const GRACE_MS = 2_000;

const BEGIN = {
  read: "BEGIN READ ONLY",
  write: "BEGIN",
  snapshotRead: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
  snapshotWrite: "BEGIN ISOLATION LEVEL REPEATABLE READ",
} as const;

/** What makes text forms the same on every server, and filters that hide rows an error instead of a loss. */
function pins(options: OpenOptions): string {
  const settings: Record<string, string> = {
    TimeZone: "UTC",
    DateStyle: "ISO, YMD",
    IntervalStyle: "postgres",
    extra_float_digits: "1",
    bytea_output: "hex",
    lc_monetary: "C",
    xmloption: "content",
    standard_conforming_strings: "on",
    row_security: "off",
    client_min_messages: "warning",
    // Compiling a digest over 40 columns costs more than the batch it is for.
    jit: "off",
    application_name: options.name.slice(0, 63),
    // Not switched off for writers: a role or server that is read-only by default means it.
    ...(options.access === "read" && { default_transaction_read_only: "on" }),
  };
  const statements = Object.entries(settings).map(([name, value]) => `SET ${name} = ${literal(value)}`);
  if (options.access === "write") statements.push(DURABLE);
  return statements.join("; ");
}

/**
 * Log databases often run with synchronous_commit off: a crash of the server then forgets the last commits. What was
 * restored would be gone from both sides, as its segment no longer owns it. Stricter settings are left as they are.
 */
const DURABLE =
  "SELECT set_config('synchronous_commit', 'local', false) WHERE current_setting('synchronous_commit') = 'off'";

/** Connections to one database, opened when first needed. */
export class PgHandle {
  private pool: Promise<pg.Pool> | null = null;
  private readonly pinned = new WeakSet<pg.PoolClient>();
  /** What was last SET on a connection outside of a transaction. */
  private readonly settings = new WeakMap<pg.PoolClient, string>();
  private readonly guard;
  private closed = false;

  constructor(
    readonly config: PostgresConfig,
    readonly options: OpenOptions,
  ) {
    this.guard = hostGuard(options.allowedHosts);
  }

  /**
   * Runs `work` on one connection, inside a transaction that is committed when it resolves and rolled back when
   * it throws. On abort or timeout the statement is cancelled on the server and the connection closed.
   */
  async run<T>(options: RunOptions, work: (session: Session) => Promise<T>): Promise<T> {
    const timeoutMs = options.timeoutMs === undefined ? this.options.timeoutMs : options.timeoutMs;
    const timer = timeoutMs === null ? null : AbortSignal.timeout(timeoutMs + GRACE_MS);
    const signal = timer ? AbortSignal.any([options.signal, timer]) : options.signal;
    const explain = (error: unknown) => {
      if (options.signal.aborted) return cancelledError(error);
      if (timer?.aborted) return callTimeout(timeoutMs ?? 0, error);
      return lost(error) ? connectionLost(error) : toStoreError(error);
    };
    try {
      const client = await this.acquire(signal);
      return await this.onClient(client, signal, options, timeoutMs, work);
    } catch (error) {
      throw explain(error);
    }
  }

  /** As `run`, for work that yields: when the consumer stops early the connection is dropped. */
  async *stream<T>(
    options: Pick<RunOptions, "signal">,
    work: (session: Session) => AsyncGenerator<T>,
  ): AsyncGenerator<T> {
    const { signal } = options;
    let client: pg.PoolClient | null = null;
    let finished = false;
    const hangUp = () => {
      if (!client) return;
      void this.cancel(client);
      streamOf(client)?.destroy();
    };
    const ignore = () => undefined;
    try {
      client = await this.acquire(
        AbortSignal.any([signal, AbortSignal.timeout(this.options.timeoutMs + GRACE_MS)]),
      );
      client.on("error", ignore);
      signal.addEventListener("abort", hangUp, { once: true });
      signal.throwIfAborted();
      const session = sessionOf(client);
      await session.query(opening({ signal, transaction: "read" }, null));
      yield* work(session);
      await session.query("COMMIT");
      finished = true;
    } catch (error) {
      if (signal.aborted) throw cancelledError(error);
      throw lost(error) ? connectionLost(error) : toStoreError(error);
    } finally {
      signal.removeEventListener("abort", hangUp);
      if (client) {
        if (!finished) hangUp();
        client.removeListener("error", ignore);
        if (!finished) client.on("error", ignore);
        client.release(!finished);
      }
    }
  }

  private async onClient<T>(
    client: pg.PoolClient,
    signal: AbortSignal,
    options: RunOptions,
    timeoutMs: number | null,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    let broken = false;
    const hangUp = () => {
      broken = true;
      void this.cancel(client);
      streamOf(client)?.destroy();
    };
    const ignore = () => {
      broken = true;
    };
    // Without a listener a connection that dies between two statements would end the process.
    client.on("error", ignore);
    signal.addEventListener("abort", hangUp, { once: true });
    try {
      signal.throwIfAborted();
      const session = sessionOf(client);
      await this.begin(session, options, timeoutMs);
      const result = await work(session);
      if (options.transaction !== "none") await session.query("COMMIT");
      return result;
    } catch (error) {
      if (!broken && (lost(error) || !(await rollBack(client, options)))) broken = true;
      throw error;
    } finally {
      signal.removeEventListener("abort", hangUp);
      client.removeListener("error", ignore);
      client.release(broken);
    }
  }

  /** Outside of a transaction the settings stay with the session: they are sent when they differ. */
  private async begin(session: Session, options: RunOptions, timeoutMs: number | null): Promise<void> {
    const sql = opening(options, timeoutMs);
    if (options.transaction !== "none") {
      await session.query(sql);
    } else if (this.settings.get(session.client) !== sql) {
      await session.query(sql);
      this.settings.set(session.client, sql);
    }
  }

  private async acquire(signal: AbortSignal): Promise<pg.PoolClient> {
    signal.throwIfAborted();
    this.pool ??= this.openPool();
    let pool: pg.Pool;
    try {
      pool = await abortable(this.pool, signal);
    } catch (error) {
      this.pool = null;
      throw error;
    }
    const pending = pool.connect();
    // Given back when it comes too late for us.
    const client = await abortable(pending, signal, (late) => late.release()).catch((error: unknown) => {
      if (signal.aborted || error instanceof StoreError || sqlState(error) !== undefined) throw error;
      throw Object.assign(new Error("no connection in time", { cause: error }), { code: "ETIMEDOUT" });
    });
    if (!this.pinned.has(client)) {
      try {
        await client.query(pins(this.options));
        this.pinned.add(client);
      } catch (error) {
        client.release(true);
        throw error;
      }
    }
    return client;
  }

  private async openPool(): Promise<pg.Pool> {
    const { config } = this;
    await checkPlace(config, this.guard);
    const ssl = await tlsOptions(config, this.guard, Math.min(CONNECT_TIMEOUT_MS, this.options.timeoutMs));
    const pool = new pg.Pool({
      host: config.host,
      port: config.port,
      database: config.database,
      user: config.user,
      // Left empty, the driver would send PGPASSWORD or a line of ~/.pgpass to this server. A blank is refused by it.
      password: config.password || " ",
      ssl,
      stream: () => guardedSocket(config, this.guard),
      max: this.options.connections,
      connectionTimeoutMillis: Math.min(CONNECT_TIMEOUT_MS, this.options.timeoutMs),
      idleTimeoutMillis: 30_000,
      allowExitOnIdle: true,
      keepAlive: true,
      types: { getTypeParser: () => (value: string | Buffer) => value },
    });
    pool.on("error", () => undefined);
    return pool;
  }

  /** Cancels what the client runs, by a second connection that needs no password. */
  private cancel(client: pg.PoolClient): Promise<void> {
    const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
    return new Promise((resolve) => {
      const socket = connectTo(this.config, this.guard);
      const request = Buffer.alloc(16);
      request.writeInt32BE(16, 0);
      request.writeInt32BE(80_877_102, 4);
      request.writeInt32BE(processID, 8);
      request.writeInt32BE(secretKey, 12);
      socket.setTimeout(3_000, () => socket.destroy());
      socket.once("error", () => socket.destroy());
      socket.once("close", () => resolve());
      socket.once("connect", () => socket.end(request));
    });
  }

  /** Closes idle connections at once and busy ones when they come back. */
  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    const pool = await this.pool?.catch(() => null);
    await pool?.end();
  }
}

const streamOf = (client: pg.PoolClient) =>
  (client as unknown as { connection?: { stream?: { destroy(): void } } }).connection?.stream;

function sessionOf(client: pg.PoolClient): Session {
  return {
    client,
    query: async (text, params) => {
      const result = params?.length
        ? await client.query<Row>(text, [...params])
        : await client.query<Row>(text);
      return result.rows ?? [];
    },
  };
}

function opening(options: RunOptions, timeoutMs: number | null): string {
  const kind = options.transaction ?? "read";
  const timeout = `statement_timeout = ${timeoutMs ?? 0}`;
  if (kind === "none") return `SET ${timeout}; SET lock_timeout = ${options.lockTimeoutMs ?? 0}`;
  return `${BEGIN[kind]}; SET LOCAL ${timeout}; SET LOCAL lock_timeout = ${options.lockTimeoutMs ?? 0}`;
}

async function rollBack(client: pg.PoolClient, options: RunOptions): Promise<boolean> {
  if (options.transaction === "none") return true;
  return client.query("ROLLBACK").then(
    () => true,
    () => false,
  );
}

/** node-pg reports a connection that ended under a query without any code. */
const lost = (error: unknown): boolean =>
  error instanceof Error && error.constructor === Error && sqlState(error) === undefined;
