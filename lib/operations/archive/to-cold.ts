import { z } from "zod";
import { db, pool } from "@/lib/control/database";
import type { Family } from "@/lib/datasets/family";
import {
  type ColdCursor,
  coldCursorSchema,
  dropPending,
  firstCursor,
  type PendingWindow,
} from "@/lib/operations/archive/cold/cursor";
import { cannotDelete, discardWindow, disownWindow } from "@/lib/operations/archive/cold/discard";
import { type ColdJob, openColdJob } from "@/lib/operations/archive/cold/job";
import { keepWindow } from "@/lib/operations/archive/cold/keep";
import {
  type ColdCheckpoint,
  checkpoint,
  lastPhase,
  pipeline,
  removed,
} from "@/lib/operations/archive/cold/pipeline";
import { finished, reloadRemoval, removeWindow } from "@/lib/operations/archive/cold/remove";
import { archiveScope } from "@/lib/operations/archive/scope";
import type { Step, StepContext } from "@/lib/operations/operation";
import { loadSum, proofLine } from "@/lib/operations/sums";
import { ENDED_STATES, type Proof, type ProofSegment } from "@/lib/schemas/operation";
import type { ArchiveParams } from "@/lib/schemas/plan";
import { manifestSchema } from "@/lib/segments/manifest";
import { emptyDigest, joinDigests } from "@/lib/stores/digest";
import { traitsOf } from "@/lib/stores/registry";

const STEP = "moveSegments";

/**
 * Windows that earlier runs of this dataset left behind when they failed are brought to an end first, whatever the
 * target: their rows are hot and in a segment, and a move would leave them in two tiers.
 */
export const tidyUp: Step<ArchiveParams, { tidied: number }> = {
  name: "tidyUp",
  cursor: z.object({ tidied: z.number() }),
  async *run(context, params, from) {
    if (from) return;
    if (params.target.tier === "cold") {
      const data = { coldStoreId: params.target.storeId };
      await db().dataset.update({ where: { id: params.datasetId }, data });
    }
    const left = await db().operation.findMany({
      where: { datasetId: params.datasetId, kind: "archive", state: { in: [...ENDED_STATES] } },
    });
    let tidied = 0;
    for (const operation of left) {
      const parsed = z.object({ [STEP]: coldCursorSchema }).safeParse(operation.cursor);
      const at = parsed.success ? parsed.data[STEP] : null;
      if (!at || at.pending.length === 0) continue;
      context.log(`Tidies up after an earlier run (${operation.id})`);
      const earlier = operation.params as unknown as ArchiveParams;
      const ended = await settlePending(await openColdJob(context, earlier), at);
      await saveCursor(operation.id, operation.fence, ended);
      tidied += at.pending.length;
    }
    yield { cursor: { tidied }, doneRows: 0n, doneBytes: 0n };
  },
};

const moveSegments: Step<ArchiveParams, ColdCursor> = {
  name: STEP,
  cursor: coldCursorSchema,
  async *run(context, params, from) {
    const job = await openColdJob(context, params);
    const start = from ?? firstCursor(job.hot.members.length);
    const at = yield* finishPending(job, start);
    yield* pipeline(job, at);
  },
};

async function* finishPending(job: ColdJob, from: ColdCursor): AsyncGenerator<ColdCheckpoint, ColdCursor> {
  let at = from;
  for (const window of from.pending) {
    if (window.state === "writing") {
      await discardWindow(job, window);
      at = { ...dropPending(at, window.number), after: window.after };
    } else {
      at = yield* removed(job, at, await reloadRemoval(job, window));
    }
    yield checkpoint(at, lastPhase(job));
  }
  return at;
}

async function settlePending(job: ColdJob, from: ColdCursor): Promise<ColdCursor> {
  let at = from;
  for (const window of from.pending) {
    if (window.state === "writing") {
      await discardWindow(job, window);
      at = dropPending(at, window.number);
    } else at = await endWindow(job, at, window);
  }
  return at;
}

/** Deletes what is left of a committed window; where that is refused, its rows belong to hot again. */
async function endWindow(job: ColdJob, from: ColdCursor, window: PendingWindow): Promise<ColdCursor> {
  let at = from;
  if (job.leavesBy === "expiry") return keepWindow(job, from, await reloadRemoval(job, window));
  try {
    const steps = removeWindow(job, from, await reloadRemoval(job, window));
    for (;;) {
      const { done, value } = await steps.next();
      if (done) return value;
      at = value;
      await job.context.holdLease();
    }
  } catch (error) {
    if (!cannotDelete(error)) throw error;
    const removal = await reloadRemoval(job, window);
    const reached = at.pending.find(({ number }) => number === window.number) ?? window;
    return finished(at, reached, removal, await disownWindow(job, removal));
  }
}

/** Ends windows that are half-way: what was committed is deleted from the source, what was not is thrown away. */
export async function settleCold(
  context: StepContext,
  params: ArchiveParams,
): Promise<Record<string, ColdCursor>> {
  const cursor = context.cursors[STEP];
  if (!cursor) return {};
  const at = coldCursorSchema.parse(cursor);
  if (at.pending.length === 0) return {};
  const ended = await settlePending(await openColdJob(context, params), at);
  await saveCursor(context.operationId, context.fence, ended);
  return { [STEP]: ended };
}

/**
 * A window that was brought to an end is not looked at again. Otherwise a later run would take a row that came into the
 * hot table under an archived key for that row, changed, and take it from its segment.
 */
async function saveCursor(operationId: string, fence: number, cursor: ColdCursor): Promise<void> {
  await pool().query(
    `UPDATE "Operation" SET cursor = jsonb_set(cursor, '{${STEP}}', $3::jsonb) WHERE id = $1 AND fence = $2`,
    [operationId, fence, JSON.stringify(cursor)],
  );
}

export const coldSteps: readonly Step<ArchiveParams>[] = [tidyUp, moveSegments];

/**
 * Source: what the store deleted, or, where rows leave by expiry, what it gave out. Target: what was read back from the
 * segments, without the rows that stay hot.
 */
export async function coldProof(context: StepContext, params: ArchiveParams): Promise<Proof> {
  const { family } = await archiveScope(context, params);
  const at = context.cursors[STEP]
    ? coldCursorSchema.parse(context.cursors[STEP])
    : firstCursor(family.members.length);
  const lines = family.members.map((member, m) => {
    const sum = (sums: ColdCursor["proved"]) => (sums[m] ? loadSum(sums[m]) : emptyDigest());
    const source = joinDigests(joinDigests(sum(at.deleted), sum(at.kept)), sum(at.missing));
    return proofLine(member.name, source, sum(at.proved));
  });
  const missing = at.missing.reduce((total, { rows }) => total + BigInt(rows), 0n);
  const expires = traitsOf(family.store.kind).leavesBy === "expiry";
  const copied = lines.reduce((total, { rows }) => total + BigInt(rows.source), 0n);
  return {
    lines,
    segments: await proofSegments(context.operationId),
    kept: expires ? [] : keptLines(family, at),
    facts: [
      ...(missing > 0n ? [{ key: "recoveredRows", after: missing.toString() }] : []),
      ...(expires ? [{ key: "stayUntilExpiry", after: copied.toString() }] : []),
    ],
    notes: [...(at.pending.length > 0 ? ["unsettled"] : []), ...(expires ? ["alsoHot"] : [])],
    complete: lines.every(({ equal }) => equal) && at.pending.length === 0,
    madeAt: new Date().toISOString(),
  };
}

const keptLines = (family: Family, at: ColdCursor): Proof["kept"] =>
  family.members.flatMap((member, m) => {
    const rowCount = Number(at.kept[m]?.rows ?? 0);
    return rowCount > 0 ? [{ name: member.name, rowCount }] : [];
  });

async function proofSegments(operationId: string): Promise<ProofSegment[]> {
  const rows = await db().segment.findMany({ where: { operationId }, orderBy: { key: "asc" } });
  return rows.map((row) => ({
    segmentId: row.id,
    key: row.key,
    rowCount: row.rowCount.toString(),
    sizeBytes: row.sizeBytes.toString(),
    sha256: row.sha256,
    digest: manifestSchema.parse(row.manifest).digest,
  }));
}
