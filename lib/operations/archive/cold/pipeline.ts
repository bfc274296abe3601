import { announce, type ColdCursor, nextWindow, replacePending } from "@/lib/operations/archive/cold/cursor";
import {
  type CopiedWindow,
  commitWindow,
  copyWindow,
  type ExportedWindow,
} from "@/lib/operations/archive/cold/export";
import type { ColdJob } from "@/lib/operations/archive/cold/job";
import { keepWindow } from "@/lib/operations/archive/cold/keep";
import { freshRemoval, type Removal, removeWindow } from "@/lib/operations/archive/cold/remove";
import type { Checkpoint } from "@/lib/operations/operation";

/** Text of one window: large enough for good segments, small enough to be finished or thrown away quickly. */
const WINDOW_BYTES = 64 << 20;
const WINDOW_ROWS = { least: 200, most: 40_000 } as const;
export type ColdCheckpoint = Checkpoint<ColdCursor>;

export const checkpoint = (cursor: ColdCursor, phase: string): ColdCheckpoint => ({
  cursor,
  doneRows: BigInt(cursor.rows) + underway(cursor),
  doneBytes: BigInt(cursor.bytes),
  phase,
});

const underway = ({ pending }: ColdCursor): bigint =>
  pending.flatMap(({ deleted }) => deleted).reduce((sum, { rows }) => sum + BigInt(rows), 0n);

/**
 * Deletes a committed window, a checkpoint after each batch, or leaves it to expire; returns the cursor without it.
 */
export async function* removed(
  job: ColdJob,
  from: ColdCursor,
  removal: Removal,
): AsyncGenerator<ColdCheckpoint, ColdCursor> {
  if (job.leavesBy === "expiry") return keepWindow(job, from, removal);
  const steps = removeWindow(job, from, removal);
  for (;;) {
    const { done, value } = await steps.next();
    if (done) return value;
    yield checkpoint(value, "delete");
  }
}

/**
 * Window by window: copy, prove, then delete. At full speed three windows are on their way at once: one is copied into
 * local files while the one before it is put and proved and the one before that is deleted. When the throttle asks for
 * rests, one thing happens at a time.
 */
export async function* pipeline(job: ColdJob, from: ColdCursor): AsyncGenerator<ColdCheckpoint> {
  const local = new AbortController();
  const signal = AbortSignal.any([job.context.signal, local.signal]);
  const { copy, commit, settled } = background(job, signal);
  let at = from;
  let exported: ExportedWindow | null = null;
  yield checkpoint(at, "copy");
  let next = copy(at);
  try {
    for (;;) {
      const copied = await next;
      if (!copied) break;
      at = announce(at, copied.pending);
      yield checkpoint(at, "copy");
      const committing = commit(copied);
      const together = job.context.throttle().restRatio === 0;
      if (together) next = copy({ ...at, after: [...copied.window.end] });
      // `at` of the deletion holds the window that is being put as well: it is only replaced, never lost.
      if (exported) at = yield* removed(job, at, freshRemoval(exported));
      exported = await committing;
      at = { ...replacePending(at, exported.window), after: exported.window.end };
      yield checkpoint(at, "verify");
      if (together) continue;
      at = yield* removed(job, at, freshRemoval(exported));
      exported = null;
      yield checkpoint(at, "copy");
      next = copy(at);
    }
    if (exported) at = yield* removed(job, at, freshRemoval(exported));
    yield checkpoint(at, lastPhase(job));
  } finally {
    local.abort(new Error("the step has ended"));
    await settled();
  }
}

/** What a window ends with. */
export const lastPhase = ({ leavesBy }: ColdJob): string => (leavesBy === "expiry" ? "verify" : "delete");

/** Work that goes on while something else is awaited: it is awaited in any case before the step ends. */
function background(job: ColdJob, signal: AbortSignal) {
  const { operationId, fence } = job.context;
  const running = new Set<Promise<unknown>>();
  function track<T>(work: Promise<T>): Promise<T> {
    running.add(work);
    const ended = () => running.delete(work);
    work.then(ended, ended); // what it throws is thrown where it is awaited
    return work;
  }
  return {
    copy: (at: ColdCursor): Promise<CopiedWindow | null> =>
      track(copyWindow(job, nextWindow(at, operationId, fence), windowRows(job), signal)),
    commit: (copied: CopiedWindow): Promise<ExportedWindow> => track(commitWindow(job, copied, signal)),
    settled: async (): Promise<void> => {
      await Promise.allSettled(running);
    },
  };
}

/** Root rows that make about 64 MB with all that hangs on them, by the plan's figures. */
function windowRows(job: ColdJob): number {
  const { sizeBytes, members } = job.context.plan;
  const roots = members[0]?.rowCount ?? 0;
  if (roots === 0 || sizeBytes === 0) return WINDOW_ROWS.most;
  const fitting = Math.floor(WINDOW_BYTES / (sizeBytes / roots));
  return Math.min(WINDOW_ROWS.most, Math.max(WINDOW_ROWS.least, fitting));
}
