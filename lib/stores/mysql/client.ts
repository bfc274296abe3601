import type { ResultSetHeader } from "mysql2";
import type { MysqlConfig } from "@/lib/stores/mysql/config";
import {
  emitting,
  type Link,
  openLink,
  type RawRow,
  type Server,
  SQL_MODE,
} from "@/lib/stores/mysql/connection";
import { callTimeout, cancelledError, toStoreError } from "@/lib/stores/mysql/errors";
import { LinkPool } from "@/lib/stores/mysql/pool";
import type { OpenOptions } from "@/lib/stores/store";

/** Every value as text, by the column's name. */
export type Row = Record<string, string | null>;

export interface Session {
  readonly server: Server;
  query(sql: string): Promise<Row[]>;
  /** Values as their bytes, without names: digests, and whatever is not text. */
  raw(sql: string): Promise<RawRow[]>;
  /** A statement that changes rows: how many. */
  execute(sql: string): Promise<number>;
  /** Rows one by one as they arrive; `onRow` answers whether to go on, and `resume` takes it up again. */
  each(sql: string, onRow: (row: RawRow) => boolean): Streaming;
}

export interface Streaming {
  resume(): void;
  ended: Promise<void>;
}

export interface RunOptions {
  signal: AbortSignal;
  /** Default: the handle's. Null: as long as it takes. */
  timeoutMs?: number | null;
  lockTimeoutMs?: number;
  /**
   * `none`: no transaction; `snapshotRead`: one view of the data for all statements; `dirtyRead`: sees what others have
   * not committed. Default `read`.
   */
  transaction?: "read" | "write" | "snapshotRead" | "dirtyRead" | "none";
  /** Without `strict` a value that does not fit is cut, and the digests say so. Default strict. */
  mode?: keyof typeof SQL_MODE;
}

/** How long the server gets to report its own timeout before we hang up. */
const GRACE_MS = 2_000;

const BEGIN = {
  read: ["START TRANSACTION READ ONLY"],
  write: ["START TRANSACTION"],
  snapshotRead: [
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
  ],
  dirtyRead: ["SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED", "START TRANSACTION READ ONLY"],
  none: [],
} as const;

/** Connections to one database, opened when first needed. */
export class MyHandle {
  private readonly pool: LinkPool;

  constructor(
    readonly config: MysqlConfig,
    readonly options: OpenOptions,
  ) {
    this.pool = new LinkPool(options.connections, () => openLink(config, options));
  }

  /**
   * Runs `work` on one connection, inside a transaction that is committed when it resolves and rolled back when it
   * throws. On abort or timeout the connection is killed on the server, which rolls back too.
   */
  async run<T>(options: RunOptions, work: (session: Session) => Promise<T>): Promise<T> {
    const timeoutMs = options.timeoutMs === undefined ? this.options.timeoutMs : options.timeoutMs;
    const timer = timeoutMs === null ? null : AbortSignal.timeout(timeoutMs + GRACE_MS);
    const signal = timer ? AbortSignal.any([options.signal, timer]) : options.signal;
    try {
      const link = await this.pool.acquire(signal);
      return await this.onLink(link, signal, options, timeoutMs, work);
    } catch (error) {
      if (options.signal.aborted) throw cancelledError(error);
      throw timer?.aborted ? callTimeout(timeoutMs ?? 0, error) : toStoreError(error);
    }
  }

  /** As `run` in a read-only transaction, for work that yields: it lasts as long as the consumer takes. */
  async *stream<T>(signal: AbortSignal, work: (session: Session) => AsyncGenerator<T>): AsyncGenerator<T> {
    let link: Link | null = null;
    let finished = false;
    const hangUp = () => link && this.hangUp(link);
    try {
      link = await this.pool.acquire(
        AbortSignal.any([signal, AbortSignal.timeout(this.options.timeoutMs + GRACE_MS)]),
      );
      signal.addEventListener("abort", hangUp, { once: true });
      signal.throwIfAborted();
      const session = sessionOf(link);
      await begin(link, session, { signal, transaction: "read" }, null);
      yield* work(session);
      await session.execute("COMMIT");
      finished = true;
    } catch (error) {
      throw signal.aborted ? cancelledError(error) : toStoreError(error);
    } finally {
      signal.removeEventListener("abort", hangUp);
      if (link) {
        // Rows of an abandoned statement would still be on their way.
        if (!finished) this.hangUp(link);
        this.pool.release(link);
      }
    }
  }

  private async onLink<T>(
    link: Link,
    signal: AbortSignal,
    options: RunOptions,
    timeoutMs: number | null,
    work: (session: Session) => Promise<T>,
  ): Promise<T> {
    const hangUp = () => this.hangUp(link);
    signal.addEventListener("abort", hangUp, { once: true });
    const session = sessionOf(link);
    const none = options.transaction === "none";
    try {
      signal.throwIfAborted();
      await begin(link, session, options, timeoutMs);
      const result = await work(session);
      if (!none) await session.execute("COMMIT");
      return result;
    } catch (error) {
      if (!link.broken && !none) await session.execute("ROLLBACK").catch(() => this.hangUp(link));
      throw error;
    } finally {
      signal.removeEventListener("abort", hangUp);
      this.pool.release(link);
    }
  }

  /** Drops the connection here, and kills it there: the server would finish its statement first. */
  private hangUp(link: Link): void {
    if (link.broken) return;
    link.broken = true;
    link.connection.destroy();
    const gone = Object.assign(new Error("hung up"), { code: "PROTOCOL_CONNECTION_LOST", fatal: true });
    for (const fail of link.pending) fail(gone);
    void this.kill(link.threadId).catch(() => undefined);
  }

  /** Killing one's own connections needs no right. */
  private async kill(threadId: string): Promise<void> {
    const link = await openLink(this.config, { ...this.options, timeoutMs: 5_000 });
    await sessionOf(link)
      .execute(`KILL CONNECTION ${Number(threadId)}`)
      .finally(() => link.connection.destroy());
  }

  /** Closes idle connections at once and busy ones when they come back. */
  close(): Promise<void> {
    return this.pool.close();
  }
}

async function begin(
  link: Link,
  session: Session,
  options: RunOptions,
  timeoutMs: number | null,
): Promise<void> {
  const settings = settingsSql(link.server, options, timeoutMs);
  if (link.settings !== settings) {
    await session.execute(settings);
    link.settings = settings;
  }
  for (const statement of BEGIN[options.transaction ?? "read"]) await session.execute(statement);
}

/** MySQL ends only SELECTs by itself; for the rest the call's own timer does. */
function settingsSql(server: Server, options: RunOptions, timeoutMs: number | null): string {
  const statement = server.mariadb
    ? `max_statement_time = ${(timeoutMs ?? 0) / 1_000}`
    : `max_execution_time = ${Math.floor(timeoutMs ?? 0)}`;
  // Both count in whole seconds, from one on; 50 s and a day are their defaults.
  const seconds =
    options.lockTimeoutMs === undefined ? 50 : Math.max(1, Math.ceil(options.lockTimeoutMs / 1_000));
  const mode = SQL_MODE[options.mode ?? "strict"];
  return `SET SESSION ${statement}, innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${seconds}, sql_mode = '${mode}'`;
}

function sessionOf(link: Link): Session {
  const answer = (sql: string): Promise<{ rows: RawRow[]; names: string[]; changed: number }> =>
    new Promise((resolve, reject) => {
      if (link.broken) {
        reject(Object.assign(new Error("hung up"), { code: "PROTOCOL_CONNECTION_LOST" }));
        return;
      }
      link.pending.add(reject);
      link.connection.query(sql, (error, result, fields) => {
        link.pending.delete(reject);
        if (error) {
          if ((error as { fatal?: boolean }).fatal) link.broken = true;
          reject(error);
          return;
        }
        if (Array.isArray(result))
          resolve({
            rows: result as unknown as RawRow[],
            names: (fields ?? []).map((field) => field.name),
            changed: 0,
          });
        else resolve({ rows: [], names: [], changed: (result as ResultSetHeader).affectedRows });
      });
    });
  return {
    server: link.server,
    query: async (sql) => {
      const { rows, names } = await answer(sql);
      return rows.map((row) =>
        Object.fromEntries(names.map((name, at) => [name, row[at]?.toString("utf8") ?? null])),
      );
    },
    raw: async (sql) => (await answer(sql)).rows,
    execute: async (sql) => (await answer(sql)).changed,
    each: (sql, onRow) => eachRow(link, sql, onRow),
  };
}

function eachRow(link: Link, sql: string, onRow: (row: RawRow) => boolean): Streaming {
  const command = emitting(link.connection, sql);
  const done = Promise.withResolvers<void>();
  const fail = (error: unknown) => {
    if ((error as { fatal?: boolean }).fatal) link.broken = true;
    done.reject(error);
  };
  command.on("result", (row: unknown) => {
    if (!onRow(row as RawRow)) link.connection.pause();
  });
  command.on("end", () => done.resolve());
  command.on("error", fail);
  // A connection that dies tells it to itself when the statement has no callback.
  link.connection.on("error", fail);
  link.pending.add(fail);
  const ended = done.promise.finally(() => {
    link.connection.removeListener("error", fail);
    link.pending.delete(fail);
  });
  ended.catch(() => undefined);
  return { resume: () => link.connection.resume(), ended };
}
