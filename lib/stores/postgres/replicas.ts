import { setTimeout as sleep } from "node:timers/promises";
import { type ErrorCode, isAppError } from "@/lib/errors";
import { PgHandle, type Row } from "@/lib/stores/postgres/client";
import type { PostgresConfig } from "@/lib/stores/postgres/config";
import { sqlState } from "@/lib/stores/postgres/errors";
import { placeName, replicaPlaces } from "@/lib/stores/postgres/replica-list";
import { Shapes } from "@/lib/stores/postgres/shapes";
import type { OpenOptions } from "@/lib/stores/store";

/** A server that rows are read from, with what is known of its tables. */
export interface Source {
  handle: PgHandle;
  shapes: Shapes;
}

interface Replica extends Source {
  name: string;
  /** Not asked again before: it did not answer, or is no replica of this primary. */
  awayUntil: number;
  /** Not waited for before: it was late a moment ago. */
  lateUntil: number;
}

/** A replica as it was found. `lag…` is null when it is not known. */
export interface ReplicaState {
  name: string;
  state: "fresh" | "late" | "down" | "primary" | "stranger";
  lagBytes: number | null;
  lagSeconds: number | null;
  /** The server's own words when it is down. */
  reason: string | null;
}

/** Beyond so much lag a replica is said to be late. */
export const LATE_SECONDS = 10;
/** A replica that does not answer a single row in this time is not worth waiting for. */
const PROBE_MS = 1_500;
/** A healthy replica is milliseconds behind: so long it is waited for until it has caught up. */
const CATCH_UP_MS = 500;
const AWAY_MS = 15_000;
const LATE_MS = 3_000;

/**
 * Up to where the primary's log is on its disk now, and whose log it is. Our own commits are durable when they return,
 * so they are below it. Commits of others that are not (synchronous_commit off) reach no replica before they are.
 */
const POSITION_SQL = `
  SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_flush_lsn() END)::text AS lsn,
         (SELECT system_identifier FROM pg_control_system())::text AS server`;

/** How far a replica has replayed. The last commit's age says nothing of one that has replayed everything. */
const REPLAYED_SQL = `
  SELECT pg_is_in_recovery()::text AS replica, (SELECT system_identifier FROM pg_control_system())::text AS server,
         pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn())::text AS behind,
         extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::text AS seconds`;

/**
 * The read replicas of a primary. What is read from one holds all that was durable on the primary when the call began: the
 * end of the primary's log is asked for first, and a replica is taken only when it has replayed up to there. So no
 * row that was restored a moment ago is missing, and no export begins with what was the case before it. One that is
 * late, away, promoted, or of another primary is passed over; the primary does what no replica can.
 */
export class Replicas {
  private readonly all: Replica[];
  private next = 0;

  constructor(
    private readonly primary: Source,
    config: PostgresConfig,
    options: OpenOptions,
  ) {
    this.all = replicaPlaces(config.replicas, config.port).map((place) => ({
      name: placeName(place),
      handle: new PgHandle({ ...config, ...place }, { ...options, access: "read" }),
      shapes: new Shapes(),
      awayUntil: 0,
      lateUntil: 0,
    }));
  }

  /** Runs a read on a replica, and on the primary when none is fresh enough or the replica fails at it. */
  async read<T>(signal: AbortSignal, work: (source: Source) => Promise<T>): Promise<T> {
    const replica = await this.choose(signal);
    if (!replica) return work(this.primary);
    try {
      return await work(replica);
    } catch (error) {
      if (signal.aborted || !isReplicasFault(error)) throw error;
      this.sendAway(replica);
      return work(this.primary);
    }
  }

  /**
   * As `read`, for what comes in pieces. When the replica fails in between, the primary goes on after the last piece:
   * `work` gets it, null at the beginning.
   */
  async *stream<T>(
    signal: AbortSignal,
    work: (source: Source, after: T | null) => AsyncGenerator<T>,
  ): AsyncGenerator<T> {
    const replica = await this.choose(signal);
    let last: T | null = null;
    if (replica) {
      try {
        for await (const piece of work(replica, null)) {
          last = piece;
          yield piece;
        }
        return;
      } catch (error) {
        if (signal.aborted || !isReplicasFault(error)) throw error;
        this.sendAway(replica);
      }
    }
    yield* work(this.primary, last);
  }

  /** How every replica stands, asked at once. Never fails for a replica. */
  async states(signal: AbortSignal): Promise<ReplicaState[]> {
    if (this.all.length === 0) return [];
    const [primary] = await this.ask(this.primary.handle, POSITION_SQL, [], signal);
    const end = primary?.lsn ?? null;
    return Promise.all(
      this.all.map(async (replica): Promise<ReplicaState> => {
        const { name } = replica;
        try {
          const row = await this.replayed(replica, end, CATCH_UP_MS, signal);
          const found = stateOf(row, primary?.server ?? null);
          if (found.state === "fresh" || found.state === "late") replica.awayUntil = 0;
          return { name, ...found };
        } catch (error) {
          if (signal.aborted) throw error;
          const reason = error instanceof Error ? error.message : String(error);
          return { name, state: "down", lagBytes: null, lagSeconds: null, reason };
        }
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map(({ handle }) => handle.close()));
  }

  /** A replica that has replayed all that the primary has written until now; null when there is none. */
  private async choose(signal: AbortSignal): Promise<Replica | null> {
    const now = Date.now();
    const candidates = this.all.filter(({ awayUntil }) => awayUntil <= now);
    if (candidates.length === 0) return null;
    const [primary] = await this.ask(this.primary.handle, POSITION_SQL, [], signal);
    if (!primary?.lsn || !primary.server) return null;
    const first = this.next++;
    for (let at = 0; at < candidates.length; at++) {
      const replica = candidates[(first + at) % candidates.length];
      if (replica && (await this.catchesUp(replica, primary, signal))) return replica;
    }
    return null;
  }

  private async catchesUp(replica: Replica, primary: Row, signal: AbortSignal): Promise<boolean> {
    const waitMs = replica.lateUntil > Date.now() ? 0 : CATCH_UP_MS;
    try {
      const row = await this.replayed(replica, primary.lsn ?? null, waitMs, signal);
      const { state, lagBytes } = stateOf(row, primary.server ?? null);
      if (state === "primary" || state === "stranger") return this.sendAway(replica);
      if (lagBytes !== 0) replica.lateUntil = Date.now() + LATE_MS;
      return lagBytes === 0;
    } catch (error) {
      if (signal.aborted) throw error;
      return this.sendAway(replica);
    }
  }

  /** How far a replica is from a position of the primary; it is waited for until it gets there, or time is up. */
  private async replayed(
    replica: Replica,
    position: string | null,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Row | undefined> {
    const deadline = Date.now() + waitMs;
    for (let pauseMs = 5; ; pauseMs = Math.min(100, pauseMs * 2)) {
      const [row] = await this.ask(replica.handle, REPLAYED_SQL, [position], signal);
      const there = row?.behind == null || Number(row.behind) <= 0;
      if (there || Date.now() + pauseMs > deadline) return row;
      await sleep(pauseMs, undefined, { signal });
    }
  }

  private sendAway(replica: Replica): false {
    replica.awayUntil = Date.now() + AWAY_MS;
    return false;
  }

  private ask(handle: PgHandle, sql: string, params: (string | null)[], signal: AbortSignal): Promise<Row[]> {
    const timeoutMs =
      handle === this.primary.handle ? undefined : Math.min(PROBE_MS, handle.options.timeoutMs);
    const limit =
      timeoutMs === undefined ? signal : AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    return handle.run({ signal: limit, timeoutMs, transaction: "none" }, (session) =>
      session.query(sql, params),
    );
  }
}

/** What a replica's answer says of it. It must follow this very primary: else its log says nothing of ours. */
export function stateOf(row: Row | undefined, server: string | null): Omit<ReplicaState, "name"> {
  const unknown = { lagBytes: null, lagSeconds: null, reason: null };
  if (row?.replica !== "true") return { state: "primary", ...unknown };
  if (row.server == null || row.server !== server) return { state: "stranger", ...unknown };
  const lagBytes = row.behind == null ? null : Math.max(0, Number(row.behind));
  const age = row.seconds == null ? null : Math.max(0, Number(row.seconds));
  // Nothing is left to replay: the last commit may be old for want of newer ones.
  const lagSeconds = lagBytes === 0 ? 0 : age;
  const late = lagBytes !== 0 && (lagSeconds === null || lagSeconds > LATE_SECONDS);
  return { state: late ? "late" : "fresh", lagBytes, lagSeconds, reason: null };
}

const REPLICAS_FAULTS: readonly ErrorCode[] = ["unreachable", "timeout", "forbidden", "corrupt", "internal"];

/**
 * Errors that the primary may not have: the replica is away, ends what is in the way of its replay (40001), is damaged.
 * Not: a statement that had too little time, or is wrong everywhere.
 */
const isReplicasFault = (error: unknown): boolean =>
  isAppError(error) && REPLICAS_FAULTS.includes(error.code) && sqlState(error) !== "57014";
