import {
  LEASE_MS,
  type Lease,
  LeaseLost,
  type Orders,
  RENEW_MS,
  renewLease,
} from "@/lib/operations/run/lease";
import type { Pace } from "@/lib/operations/run/pace";

/** A batch that is at work when it is told to stop may finish within this time; then it is aborted. */
const GRACE_MS = 700;

export type StopReason = "pause" | "cancel" | "shutdown" | "lost";

/** Thrown out of a step that was told to stop. */
export class Stopped extends Error {
  constructor(readonly reason: StopReason) {
    super(`Stopped: ${reason}`);
    this.name = "Stopped";
  }
}

/**
 * Keeps the lease while a run works, from a timer so that a long batch does not lose it, and carries out what is
 * asked of the operation meanwhile: pause, cancel, another throttle.
 */
export class Heart {
  stop: StopReason | null = null;
  private readonly work = new AbortController();
  private readonly rest = new AbortController();
  private readonly lost = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private grace: NodeJS.Timeout | undefined;
  private renewedAt = Date.now();
  private renewing = false;

  constructor(
    private readonly lease: Lease,
    private readonly pace: Pace,
    private readonly shutdown: AbortSignal,
  ) {
    this.timer = setInterval(() => void this.beat(), RENEW_MS);
    shutdown.addEventListener("abort", this.onShutdown, { once: true });
    if (shutdown.aborted) this.onShutdown();
  }

  /** Aborted when the work must stop: at once when the lease is lost, else after a short grace. */
  get workSignal(): AbortSignal {
    return this.work.signal;
  }

  /** Aborted as soon as anything is asked that ends the run: nobody rests then. */
  get restSignal(): AbortSignal {
    return this.rest.signal;
  }

  /** Aborted only when the lease is lost: for what must be brought to an end even when cancelled. */
  get lostSignal(): AbortSignal {
    return this.lost.signal;
  }

  /** Takes in what a renewal or a checkpoint read. */
  obey(orders: Orders): void {
    this.renewedAt = Date.now();
    this.pace.set(orders.throttle);
    if (orders.wanted === "pause" || orders.wanted === "cancel") this.halt(orders.wanted);
  }

  halt(reason: StopReason): void {
    if (this.stop === "lost" || (this.stop === "cancel" && reason !== "lost")) return;
    this.stop = reason;
    const error = new Stopped(reason);
    this.rest.abort(error);
    if (reason === "lost") {
      this.lost.abort(error);
      this.work.abort(error);
      return;
    }
    this.grace ??= setTimeout(() => this.work.abort(error), GRACE_MS);
  }

  /** Throws LeaseLost unless the operation is still ours, by the database. */
  async hold(): Promise<void> {
    try {
      this.obey(await renewLease(this.lease, this.pace.reason));
    } catch (error) {
      if (error instanceof LeaseLost) this.halt("lost");
      throw error;
    }
  }

  /** True once the lease may have run out by our own clock: no effect is allowed any more. */
  expired(): boolean {
    return Date.now() - this.renewedAt > LEASE_MS - RENEW_MS;
  }

  end(): void {
    clearInterval(this.timer);
    clearTimeout(this.grace);
    this.shutdown.removeEventListener("abort", this.onShutdown);
  }

  private readonly onShutdown = (): void => this.halt("shutdown");

  private async beat(): Promise<void> {
    if (this.renewing) {
      if (this.expired()) this.halt("lost");
      return;
    }
    this.renewing = true;
    try {
      await this.hold();
    } catch (error) {
      // The control DB may be away for a moment; the lease bears that until it runs out.
      if (error instanceof LeaseLost || this.expired()) this.halt("lost");
    } finally {
      this.renewing = false;
    }
  }
}
