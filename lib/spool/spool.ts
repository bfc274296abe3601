import { rename } from "node:fs/promises";
import { join } from "node:path";
import type { ZodType } from "zod";
import { log } from "@/lib/log";
import { appendRecords, readRecords } from "@/lib/spool/spool-file";
import {
  deliveredBytes,
  makeFolder,
  markDelivered,
  ownFiles,
  removeSpool,
  spoolFolder,
  spoolName,
} from "@/lib/spool/spool-folder";

const RETRY_MS = 2_000;
const BATCH = 500;

export interface SpoolOptions<T> {
  /** Name of its folder under `spool/`. */
  kind: string;
  /** What a record looks like when it comes back from the disk. */
  schema: ZodType<T>;
  /** Brings records to their receiver, in order. Must be idempotent: after a crash the last batch comes again. */
  deliver(items: readonly T[]): Promise<void>;
  /** Whether an error means that the receiver is away, rather than that it refuses. */
  isAway(error: unknown): boolean;
}

/**
 * What must not be lost while its receiver is away: kept in a file that is only appended to, flushed and checksummed,
 * and delivered in order, once, when the receiver is back. While something waits, what comes later waits behind it.
 */
export class Spool<T> {
  private queue: Promise<unknown> = Promise.resolve();
  private waiting = true; // until a first look has shown that nothing is left from before
  private path: string | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: SpoolOptions<T>) {}

  /** Resolves when the items were delivered or lie flushed on the disk. Throws what the receiver refuses. */
  send(items: readonly T[]): Promise<"delivered" | "spooled"> {
    return this.inTurn(async () => {
      if (this.waiting) await this.replayFiles();
      if (!this.waiting) {
        try {
          await this.options.deliver(items);
          return "delivered";
        } catch (error) {
          if (!this.options.isAway(error)) throw error;
        }
      }
      await this.keep(items);
      return "spooled";
    });
  }

  /** Delivers what waits, also what processes that are gone left behind. True: nothing is left. */
  replay(): Promise<boolean> {
    return this.inTurn(async () => {
      await this.replayFiles();
      return !this.waiting;
    });
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private inTurn<R>(work: () => Promise<R>): Promise<R> {
    const turn = this.queue.then(work, work);
    this.queue = turn.catch(() => undefined);
    return turn;
  }

  private async keep(items: readonly T[]): Promise<void> {
    await makeFolder(this.options.kind);
    this.path ??= join(spoolFolder(this.options.kind), spoolName());
    await appendRecords(this.path, items);
    this.waiting = true;
    this.retryLater();
  }

  private retryLater(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.replay().catch((error: unknown) => {
        log("spool").warn({ err: error, kind: this.options.kind }, "could not be replayed");
        this.retryLater();
      });
    }, RETRY_MS).unref();
  }

  private async replayFiles(): Promise<void> {
    for (const path of await ownFiles(this.options.kind)) {
      if (await this.replayFile(path)) continue;
      this.waiting = true;
      this.retryLater();
      return;
    }
    this.waiting = false;
  }

  /** False: the receiver is away. A file that holds damaged lines stays, set aside under another name. */
  private async replayFile(path: string): Promise<boolean> {
    const { records, damaged } = await readRecords(path, await deliveredBytes(path));
    for (let at = 0; at < records.length; at += BATCH) {
      const batch = records.slice(at, at + BATCH);
      const items = batch.flatMap(({ value }) => {
        const parsed = this.options.schema.safeParse(value);
        return parsed.success ? [parsed.data] : [];
      });
      try {
        await this.options.deliver(items);
      } catch (error) {
        if (this.options.isAway(error)) return false;
        throw error;
      }
      await markDelivered(path, batch.at(-1)?.endByte ?? 0);
    }
    if (this.path === path) this.path = null;
    if (damaged > 0) await this.setAside(path, damaged);
    else await removeSpool(path);
    if (records.length > 0)
      log("spool").info({ kind: this.options.kind, records: records.length }, "was replayed");
    return true;
  }

  private async setAside(path: string, damaged: number): Promise<void> {
    const aside = path.replace(/\.spool$/, ".damaged");
    await rename(path, aside);
    log("spool").error({ kind: this.options.kind, damaged, aside }, "holds lines that cannot be read");
  }
}
