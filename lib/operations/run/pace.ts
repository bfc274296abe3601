import type { Throttle } from "@/lib/schemas/operation";

/** The first batch of a run: large enough to measure, small enough not to hurt. */
const FIRST_BATCH_ROWS = 2_000;
const LEAST_BATCH_ROWS = 10;
const MAX_REST_MS = 60_000;
const LAG_CHECK_MS = 5_000;
const SLICE_MS = 250;

export interface PaceOptions {
  throttle: Throttle;
  /** Milliseconds by which the slowest replica lags; null: there is none, or it cannot be told. */
  replicaLagMs(): Promise<number | null>;
  now(): Date;
}

/**
 * How fast an operation goes: the batch size follows the target time of a batch, then come rests for the share of
 * time asked for, for a lagging replica and outside the window of hours. `reason` says what holds it at this moment.
 */
export class Pace {
  /** A code of `operations.throttle.<code>`, then a space and its figure; null while it works at full speed. */
  reason: string | null = null;
  private configured: Throttle;
  private batchRows: number;
  private lagAt = 0;

  constructor(private readonly options: PaceOptions) {
    this.configured = options.throttle;
    this.batchRows = Math.min(options.throttle.batchRows, FIRST_BATCH_ROWS);
  }

  set(throttle: Throttle): void {
    this.configured = throttle;
    this.batchRows = Math.min(this.batchRows, throttle.batchRows);
  }

  /** The throttle as set, with the batch size that suits the moment. */
  current(): Throttle {
    return { ...this.configured, batchRows: this.batchRows };
  }

  /** Learns from a batch: at most doubles, at most halves. */
  observe(rows: number, workedMs: number): void {
    if (rows <= 0 || workedMs <= 0) return;
    const fitting = (rows * this.configured.targetBatchMs) / workedMs;
    const bounded = Math.min(this.batchRows * 2, Math.max(this.batchRows / 2, fitting));
    this.batchRows = Math.round(Math.min(this.configured.batchRows, Math.max(LEAST_BATCH_ROWS, bounded)));
  }

  /** After a statement ran into its timeout. */
  shrink(): void {
    this.batchRows = Math.max(LEAST_BATCH_ROWS, Math.floor(this.batchRows / 4));
  }

  /** Rests as long as asked for after so much work. Throws the signal's reason when aborted. */
  async rest(workedMs: number, signal: AbortSignal): Promise<void> {
    await this.restShare(workedMs, signal);
    await this.waitForReplicas(signal);
    await this.waitForWindow(signal);
    this.reason = this.configured.restRatio > 0 ? `rest ${this.configured.restRatio}` : null;
  }

  private async restShare(workedMs: number, signal: AbortSignal): Promise<void> {
    const startedAt = Date.now();
    // Asked anew in each slice: a new throttle ends a long rest at once.
    for (;;) {
      const { restRatio } = this.configured;
      if (restRatio <= 0) return;
      const dueMs = Math.min(MAX_REST_MS, (workedMs * restRatio) / (1 - restRatio));
      const leftMs = dueMs - (Date.now() - startedAt);
      if (leftMs <= 0) return;
      this.reason = `rest ${restRatio}`;
      await pause(Math.min(leftMs, SLICE_MS), signal);
    }
  }

  private async waitForReplicas(signal: AbortSignal): Promise<void> {
    for (;;) {
      const limitMs = this.configured.maxReplicaLagMs;
      if (limitMs === null || Date.now() - this.lagAt < LAG_CHECK_MS) return;
      const lagMs = await this.options.replicaLagMs();
      if (lagMs === null || lagMs <= limitMs) {
        this.lagAt = Date.now();
        return;
      }
      this.reason = `replicaLag ${Math.round(lagMs)}`;
      for (let slept = 0; slept < LAG_CHECK_MS / 2; slept += SLICE_MS) await pause(SLICE_MS, signal);
    }
  }

  private async waitForWindow(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { window } = this.configured;
      if (!window || insideWindow(window, this.options.now())) return;
      this.reason = `window ${window.from}-${window.until}`;
      await pause(SLICE_MS, signal);
    }
  }
}

/** Whether the local time of day lies in the half-open window; one that ends before it begins spans midnight. */
export function insideWindow(window: NonNullable<Throttle["window"]>, now: Date): boolean {
  const time = new Intl.DateTimeFormat("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
    timeZone: window.timeZone,
  }).format(now);
  if (window.from === window.until) return true;
  if (window.from < window.until) return time >= window.from && time < window.until;
  return time >= window.from || time < window.until;
}

/** Waits; throws the signal's reason as soon as it is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, ms);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
