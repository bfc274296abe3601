import type { Socket } from "node:net";
import type { Link } from "@/lib/stores/mysql/connection";

const IDLE_MS = 30_000;

interface Waiter {
  signal: AbortSignal;
  take(link: Link): void;
  fail(error: unknown): void;
}

/** At most so many connections at once; those beyond wait their turn. Idle ones do not keep the process alive. */
export class LinkPool {
  private readonly idle: { link: Link; since: number }[] = [];
  private readonly waiting: Waiter[] = [];
  private open = 0;
  private closed = false;
  private sweep: NodeJS.Timeout | undefined;

  constructor(
    private readonly size: number,
    private readonly connect: () => Promise<Link>,
  ) {}

  /** Rejects with the signal's reason as soon as it aborts; a connection that comes later goes back. */
  acquire(signal: AbortSignal): Promise<Link> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      let settled = false;
      const onAbort = () => waiter.fail(signal.reason);
      const settle = (): boolean => {
        if (settled) return false;
        settled = true;
        signal.removeEventListener("abort", onAbort);
        const at = this.waiting.indexOf(waiter);
        if (at >= 0) this.waiting.splice(at, 1);
        return true;
      };
      const waiter: Waiter = {
        signal,
        take: (link) => (settle() ? resolve(link) : this.release(link)),
        fail: (error) => settle() && reject(error),
      };
      signal.addEventListener("abort", onAbort, { once: true });
      this.serve(waiter);
    });
  }

  private serve(waiter: Waiter): void {
    for (let held = this.idle.pop(); held; held = this.idle.pop()) {
      if (held.link.broken || isGone(held.link)) {
        this.drop(held.link);
        continue;
      }
      socketOf(held.link)?.ref();
      waiter.take(held.link);
      return;
    }
    if (this.open >= this.size) {
      this.waiting.push(waiter);
      return;
    }
    this.open += 1;
    this.connect().then(
      (link) => waiter.take(link),
      (error: unknown) => {
        this.open -= 1;
        waiter.fail(error);
        this.next();
      },
    );
  }

  release(link: Link): void {
    if (link.broken || this.closed || isGone(link)) {
      this.drop(link);
      this.next();
      return;
    }
    const waiter = this.waiting.shift();
    if (waiter) {
      waiter.take(link);
      return;
    }
    socketOf(link)?.unref();
    this.idle.push({ link, since: Date.now() });
    this.sweep ??= setInterval(() => this.closeIdle(), IDLE_MS / 2).unref();
  }

  private next(): void {
    const waiter = this.waiting.shift();
    if (waiter) this.serve(waiter);
  }

  private drop(link: Link): void {
    this.open -= 1;
    link.broken = true;
    link.connection.destroy();
  }

  private closeIdle(): void {
    const old = this.idle.filter(({ since }) => Date.now() - since >= IDLE_MS);
    for (const held of old) {
      this.idle.splice(this.idle.indexOf(held), 1);
      this.drop(held.link);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.sweep);
    for (const { link } of this.idle.splice(0)) this.drop(link);
  }
}

const socketOf = (link: Link): Socket | undefined =>
  (link.connection as unknown as { stream?: Socket }).stream;

const isGone = (link: Link): boolean => socketOf(link)?.destroyed === true;
