import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { Worker } from "node:worker_threads";
import type { GramReply, GramRequest } from "@/lib/segments/gram-messages";
import type { SidecarBuilder } from "@/lib/segments/segment";
import { createSidecarBuilder, filterSlots, joinTexts, type SidecarOptions } from "@/lib/segments/sidecar";

/** Row groups on their way to the thread: with one it would wait for us, with more memory grows. */
const MOST_UNDERWAY = 2;
/** A buffer that one huge value made necessary is not kept. */
const KEEP_BYTES = 8 << 20;
/** Row groups differ by a little: the buffer of one is to fit the next. */
const BUFFER_STEP_BYTES = 4 << 20;
/** Memory of a thread that nobody needs. */
const IDLE_MS = 10_000;

/**
 * On two cores, one of them busy with a database, a thread gains nothing and costs 50 MB. From here on it takes a third
 * of its work from the thread that reads, splits and writes, which is what an archive waits for.
 */
const LEAST_CORES = 3;

/** For an archive: on a thread of its own where there is a core for it. `finish` or `abort` must be called. */
export const createArchiveSidecarBuilder = (options: SidecarOptions): SidecarBuilder =>
  availableParallelism() >= LEAST_CORES
    ? createThreadedSidecarBuilder(options)
    : createSidecarBuilder(options);

interface Waiting {
  underway: number;
  marked: (() => void) | null;
  packed: ((bytes: Uint8Array<ArrayBuffer>) => void) | null;
  failed: ((error: unknown) => void) | null;
}

/** One thread for all builders of this process: started with the first, ended when there has been none for a while. */
class GramThread {
  private readonly waiting = new Map<number, Waiting>();
  private readonly spare: ArrayBuffer[] = [];
  private failure: unknown = null;
  private idle: NodeJS.Timeout | null = null;
  private next = 0;

  private constructor(private readonly worker: Worker) {
    worker.on("message", (reply: GramReply) => this.receive(reply));
    worker.on("error", (error) => this.fail(error));
    worker.on("exit", () => this.fail(new Error("the thread for search sidecars has ended")));
  }

  private static current: GramThread | null = null;

  static get(): GramThread {
    // Not imported: a bundler would take the file for one to bundle. Only processes that run from source come here.
    const { Worker } = process.getBuiltinModule("node:worker_threads");
    GramThread.current ??= new GramThread(
      new Worker(resolve("lib/segments/gram-thread.ts"), {
        execArgv: ["--import", "tsx"],
        resourceLimits: { maxYoungGenerationSizeMb: 4 },
      }),
    );
    return GramThread.current;
  }

  open(): number {
    if (this.idle) clearTimeout(this.idle);
    this.idle = null;
    this.worker.ref();
    const builder = this.next++;
    this.waiting.set(builder, { underway: 0, marked: null, packed: null, failed: null });
    return builder;
  }

  close(builder: number): void {
    if (!this.waiting.delete(builder) || this.waiting.size > 0 || this.failure !== null) return;
    this.worker.unref();
    this.idle = setTimeout(() => this.end(), IDLE_MS);
    this.idle.unref();
  }

  buffer(sizeBytes: number): ArrayBuffer {
    const fitting = this.spare.findIndex((one) => one.byteLength >= sizeBytes);
    const [found] = fitting < 0 ? [] : this.spare.splice(fitting, 1);
    return found ?? new ArrayBuffer(Math.ceil((sizeBytes + 1) / BUFFER_STEP_BYTES) * BUFFER_STEP_BYTES);
  }

  /** Resolves when the thread is not more than a row group behind. */
  async mark(request: GramRequest & { kind: "rowGroup" }): Promise<void> {
    const waiting = this.of(request.builder);
    waiting.underway += 1;
    this.worker.postMessage(request, [request.texts, request.slots.buffer]);
    while (waiting.underway >= MOST_UNDERWAY) {
      this.of(request.builder);
      await new Promise<void>((resolve, reject) => {
        waiting.marked = resolve;
        waiting.failed = reject;
      });
    }
  }

  async pack(request: GramRequest & { kind: "finish" }): Promise<Uint8Array> {
    const waiting = this.of(request.builder);
    const packed = new Promise<Uint8Array>((resolve, reject) => {
      waiting.packed = resolve;
      waiting.failed = reject;
    });
    this.worker.postMessage(request);
    return packed;
  }

  abort(builder: number): void {
    if (this.waiting.has(builder)) this.worker.postMessage({ kind: "abort", builder } satisfies GramRequest);
    this.close(builder);
  }

  private of(builder: number): Waiting {
    if (this.failure !== null) throw this.failure;
    const waiting = this.waiting.get(builder);
    if (!waiting) throw new Error("the sidecar is finished");
    return waiting;
  }

  private receive(reply: GramReply): void {
    const waiting = this.waiting.get(reply.builder);
    if (reply.kind === "packed") {
      waiting?.packed?.(reply.bytes);
      return;
    }
    if (reply.texts.byteLength <= KEEP_BYTES && this.spare.length < MOST_UNDERWAY)
      this.spare.push(reply.texts);
    if (!waiting) return;
    waiting.underway -= 1;
    waiting.marked?.();
  }

  /** Builders of this thread fail where they are awaited; the next one gets a new thread. */
  private fail(error: unknown): void {
    this.failure ??= error;
    if (GramThread.current === this) GramThread.current = null;
    for (const { failed } of this.waiting.values()) failed?.(this.failure);
  }

  private end(): void {
    if (GramThread.current === this) GramThread.current = null;
    void this.worker.terminate();
  }
}

/** As `createSidecarBuilder`, on a thread of its own. `finish` or `abort` must be called. */
export function createThreadedSidecarBuilder(options: SidecarOptions): SidecarBuilder {
  const roles = new Set(options.filterRoles);
  let opened: { thread: GramThread; builder: number } | null = null;
  const open = () => {
    const thread = opened?.thread ?? GramThread.get();
    opened ??= { thread, builder: thread.open() };
    return opened;
  };
  return {
    addRowGroup: async ({ texts, filters }) => {
      const { thread, builder } = open();
      const joined = joinTexts(texts, (sizeBytes) => thread.buffer(sizeBytes));
      const slots = Uint32Array.from(new Set(filterSlots(roles, filters)));
      await thread.mark({ kind: "rowGroup", builder, ...joined, slots });
    },
    finish: async () => {
      const { thread, builder } = open();
      const named = { textColumns: options.textColumns, roles: [...roles] };
      const bytes = await thread.pack({ kind: "finish", builder, named });
      thread.close(builder);
      return bytes;
    },
    abort: () => opened?.thread.abort(opened.builder),
  };
}
