import { connect as connectSocket, isIP, Socket } from "node:net";
import type { Client, Pool, PoolClient } from "pg";
import { abortable } from "@/lib/stores/abortable";
import { type HostGuard, hostGuard } from "@/lib/stores/host-guard";
import type { LogstoreConfig } from "@/lib/stores/logstore/config";
import { callTimeout, cancelledError, toStoreError } from "@/lib/stores/logstore/errors";
import type { OpenOptions } from "@/lib/stores/store";

/** Values in the order of the statement's columns, as the text the server sent. */
export type Row = readonly (string | null)[];

const CONNECT_TIMEOUT_MS = 8_000;
/** PostgreSQL's SSLRequest: length 8, code 80877103 (protocol-message-formats). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Connections to one project, opened when first needed. Simple queries only: one text, no values beside it. */
export class LogHandle {
  private pool: Promise<Pool> | null = null;
  private readonly guard: HostGuard;
  private closed = false;

  constructor(
    readonly config: LogstoreConfig,
    readonly options: OpenOptions,
  ) {
    this.guard = hostGuard(options.allowedHosts);
  }

  /**
   * One statement. On abort or timeout the connection is dropped: nothing that is asked here changes a row that is
   * there, and the server ends its own queries.
   */
  async query(sql: string, signal: AbortSignal, timeoutMs = this.options.timeoutMs): Promise<Row[]> {
    const timer = AbortSignal.timeout(Math.max(1, Math.floor(timeoutMs)));
    const both = AbortSignal.any([signal, timer]);
    try {
      const client = await this.acquire(both);
      return await ask(client, sql, both);
    } catch (error) {
      if (signal.aborted) throw cancelledError(error);
      throw timer.aborted ? callTimeout(timeoutMs, error) : toStoreError(error);
    }
  }

  private async acquire(signal: AbortSignal): Promise<PoolClient> {
    signal.throwIfAborted();
    this.pool ??= this.openPool();
    let pool: Pool;
    try {
      pool = await abortable(this.pool, signal);
    } catch (error) {
      this.pool = null;
      throw error;
    }
    return abortable(pool.connect(), signal, (late) => late.release()).catch((error: unknown) => {
      // The pool reports a connection that took too long without any code.
      if (signal.aborted || codeOf(error) !== undefined) throw error;
      throw Object.assign(new Error("no connection in time", { cause: error }), { code: "ETIMEDOUT" });
    });
  }

  private async openPool(): Promise<Pool> {
    const { config, options } = this;
    const timeoutMs = Math.min(CONNECT_TIMEOUT_MS, options.timeoutMs);
    const offered = await this.offersTls(timeoutMs);
    if (!offered && config.ssl !== "disable") throw coded("STRATA_NO_TLS", "the server refuses TLS");
    const { default: pg } = await import("pg");
    const pool = new pg.Pool({
      host: config.host,
      port: config.port,
      database: config.project,
      user: config.accessKeyId,
      // Left empty, the driver would send PGPASSWORD or a line of ~/.pgpass to this server. A blank is refused by it.
      password: config.accessKeySecret || " ",
      ssl: config.ssl === "disable" ? false : tlsOptions(config),
      stream: () => this.guardedSocket(),
      max: options.connections,
      connectionTimeoutMillis: timeoutMs,
      idleTimeoutMillis: 30_000,
      allowExitOnIdle: true,
      application_name: options.name,
      types: { getTypeParser: () => (value: string | Buffer) => value },
    });
    pool.on("error", () => undefined);
    return pool;
  }

  /** Connects to the address that was checked, not to one that the name leads to a moment later. */
  private guardedSocket(): Socket {
    const socket = new Socket();
    const { guard } = this;
    const connect = socket.connect.bind(socket);
    Object.assign(socket, {
      connect: (port: number, host: string) =>
        connect(isIP(host) ? { port, host } : { port, host, lookup: guard.lookup }),
    });
    return socket;
  }

  /** Whether the server takes TLS; tells one that speaks something else, which would otherwise hang or talk rubbish. */
  private async offersTls(timeoutMs: number): Promise<boolean> {
    const { host, port } = this.config;
    await this.guard.check(host);
    return new Promise((resolve, reject) => {
      const address = { host, port };
      const socket = connectSocket(isIP(host) ? address : { ...address, lookup: this.guard.lookup });
      const fail = (error: unknown) => {
        socket.destroy();
        reject(error);
      };
      socket.setTimeout(timeoutMs, () => fail(coded("ETIMEDOUT", "timed out")));
      socket.once("error", fail);
      socket.once("close", () => fail(coded("ECONNRESET", "closed")));
      socket.once("connect", () => socket.write(SSL_REQUEST));
      socket.once("data", (data) => {
        if (data[0] !== 0x53 && data[0] !== 0x4e)
          return fail(coded("STRATA_NOT_POSTGRES", "another protocol"));
        resolve(data[0] === 0x53);
        socket.destroy();
      });
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

const tlsOptions = ({ ssl, ca }: LogstoreConfig) => ({
  ...(ca?.trim() && { ca }),
  rejectUnauthorized: ssl === "verify-full",
});

async function ask(client: PoolClient, sql: string, signal: AbortSignal): Promise<Row[]> {
  let broken = false;
  const hangUp = () => {
    broken = true;
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
    const result = await client.query<(string | null)[]>({ text: sql, rowMode: "array" });
    return result.rows;
  } catch (error) {
    if (codeOf(error) === undefined) broken = true;
    throw error;
  } finally {
    signal.removeEventListener("abort", hangUp);
    client.removeListener("error", ignore);
    client.release(broken);
  }
}

const streamOf = (client: Client | PoolClient) =>
  (client as unknown as { connection?: { stream?: { destroy(): void } } }).connection?.stream;

const codeOf = (error: unknown): string | undefined => (error as { code?: string } | null)?.code;
const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });
