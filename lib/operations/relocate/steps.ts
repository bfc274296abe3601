import { z } from "zod";
import { db } from "@/lib/control/database";
import { isAppError } from "@/lib/errors";
import type { Checkpoint, Step, StepContext } from "@/lib/operations/operation";
import { copySegment, holds, proveCopy, removeSegment } from "@/lib/operations/relocate/copy";
import { type Move, movesOf, openRelocateJob, type RelocateJob } from "@/lib/operations/relocate/job";
import { LeaseLost } from "@/lib/operations/run/lease";
import { joinSums, loadSum, noSums, storeSum, sumSchema, totalRows } from "@/lib/operations/sums";
import type { RelocateParams } from "@/lib/schemas/plan";
import { checkSha256 } from "@/lib/segments/local";
import { emptyDigest } from "@/lib/stores/digest";

/** The segments this operation moves: fixed when it begins, whatever comes later stays for the next one. */
export const listSchema = z.object({ segmentIds: z.array(z.string()) });
export const copySchema = z.object({
  next: z.number(),
  bytes: z.string(),
  sums: z.array(sumSchema),
  /** Segments whose rows were in the new store before, left there by an earlier move: not this operation's to remove. */
  found: z.array(z.string()).default([]),
});
export const switchSchema = z.object({ switched: z.number() });
export const deleteSchema = z.object({ next: z.number(), left: z.array(z.string()) });
export type CopyCursor = z.infer<typeof copySchema>;

/** How much of the whole each step is, for the bar. */
const SHARE = { copySegments: [0, 0.5], verifySegments: [0.5, 0.9], switchCatalogue: [0.9, 0.92] } as const;

export const jobOf = (context: StepContext, params: RelocateParams): Promise<RelocateJob> =>
  openRelocateJob((storeId) => context.openStore(storeId, "write"), params);

/** The moves of this operation in its own order, wherever the catalogue has them by now. */
export async function ownMoves(
  context: StepContext,
  params: RelocateParams,
  job: RelocateJob,
): Promise<Move[]> {
  const listed = listSchema.safeParse(context.cursors.listSegments);
  const ids = listed.success ? listed.data.segmentIds : [];
  if (ids.length === 0) return [];
  const found = new Map(
    (await movesOf(job.family, [params.from, params.to], ids)).map((move) => [move.segmentId, move]),
  );
  return ids.flatMap((id) => found.get(id) ?? []);
}

export const listSegments: Step<RelocateParams, z.infer<typeof listSchema>> = {
  name: "listSegments",
  cursor: listSchema,
  async *run(context, params, from) {
    if (from) return;
    const job = await jobOf(context, params);
    const moves = (await movesOf(job.family, [params.from])).filter(({ missing }) => !missing);
    yield {
      cursor: { segmentIds: moves.map(({ segmentId }) => segmentId) },
      doneRows: 0n,
      doneBytes: 0n,
      progress: 0,
    };
  },
};

interface Seen {
  sum: CopyCursor["sums"][number];
  wasThere: boolean;
}

/** Copies, then proves: both walk the same list and add up what they saw of each member. */
const walk = (
  name: "copySegments" | "verifySegments",
  each: (job: RelocateJob, move: Move, signal: AbortSignal) => Promise<Seen>,
): Step<RelocateParams, CopyCursor> => ({
  name,
  cursor: copySchema,
  async *run(context, params, from) {
    const job = await jobOf(context, params);
    const moves = await ownMoves(context, params, job);
    let at: CopyCursor = from ?? { next: 0, bytes: "0", sums: noSums(job.family.members.length), found: [] };
    for (let next = at.next; next < moves.length; next += 1) {
      const move = moves[next];
      if (!move) continue;
      await context.holdLease();
      const { sum, wasThere } = await each(job, move, context.signal);
      const added = job.family.members.map((_, member) =>
        member === move.member ? loadSum(sum) : emptyDigest(),
      );
      const bytes = (BigInt(at.bytes) + BigInt(move.manifest.sizeBytes)).toString();
      const found = wasThere ? [...at.found, move.segmentId] : at.found;
      at = { next: next + 1, bytes, sums: joinSums(at.sums, added), found };
      yield checkpointOf(name, at, moves.length);
    }
  },
});

function checkpointOf(
  name: "copySegments" | "verifySegments",
  at: CopyCursor,
  count: number,
): Checkpoint<CopyCursor> {
  const [low, high] = SHARE[name];
  return {
    cursor: at,
    doneRows: name === "verifySegments" ? totalRows(at.sums) : 0n,
    doneBytes: name === "copySegments" ? BigInt(at.bytes) : 0n,
    progress: low + (high - low) * (at.next / Math.max(1, count)),
    phase: name === "copySegments" ? "copy" : "verify",
  };
}

/** What was copied is what the manifest says: the bytes were compared on the way. */
const copySegments = walk("copySegments", async ({ from, to }, { manifest }, signal) => {
  const { wasThere } = await copySegment({ from, to }, manifest, signal);
  return { sum: { rows: String(manifest.rowCount), hex: manifest.digest }, wasThere };
});

const verifySegments = walk("verifySegments", async ({ from, to }, { manifest }, signal) => {
  return { sum: storeSum(await proveCopy({ from, to }, manifest, signal)), wasThere: false };
});

/** From one instant on the catalogue names the new store: a search that began before sees the epoch change and reads again. */
const switchCatalogue: Step<RelocateParams, z.infer<typeof switchSchema>> = {
  name: "switchCatalogue",
  cursor: switchSchema,
  async *run(context, params, from) {
    if (from) return;
    const job = await jobOf(context, params);
    const ids = (await ownMoves(context, params, job)).map(({ segmentId }) => segmentId);
    const datasetIds = job.family.members.map(({ datasetId }) => datasetId);
    await db().$transaction(async (tx) => {
      // Held until the end: no other worker takes over in between.
      const held = await tx.$queryRaw<{ id: string }[]>`
        SELECT id FROM "Operation" WHERE id = ${context.operationId} AND fence = ${context.fence} FOR UPDATE`;
      if (held.length === 0) throw new LeaseLost(context.operationId);
      await tx.segment.updateMany({
        where: { id: { in: ids }, state: "committed" },
        data: { storeId: params.to, missingSince: null },
      });
      await tx.dataset.updateMany({
        where: { id: { in: datasetIds } },
        data: { tierEpoch: { increment: 1 } },
      });
      await tx.dataset.updateMany({
        where: { id: { in: datasetIds }, coldStoreId: params.from },
        data: { coldStoreId: params.to },
      });
      await tx.dataset.update({ where: { id: params.datasetId }, data: { coldStoreId: params.to } });
    });
    yield {
      cursor: { switched: ids.length },
      doneRows: 0n,
      doneBytes: 0n,
      progress: SHARE.switchCatalogue[1],
    };
  },
};

/** Only what the catalogue has in the new store, and what is there: every other old object stays. */
const deleteOld: Step<RelocateParams, z.infer<typeof deleteSchema>> = {
  name: "deleteOld",
  cursor: deleteSchema,
  async *run(context, params, from) {
    const job = await jobOf(context, params);
    const moves = await ownMoves(context, params, job);
    let at = from ?? { next: 0, left: [] };
    for (let next = at.next; next < moves.length; next += 1) {
      const move = moves[next];
      if (!move) continue;
      await context.holdLease();
      const reason = await removeOld(job, move, params, context.signal);
      if (reason !== null) await context.quarantine([{ key: [move.manifest.key], reason }]);
      at = { next: next + 1, left: reason === null ? at.left : [...at.left, move.segmentId] };
      yield {
        cursor: at,
        doneRows: 0n,
        doneBytes: 0n,
        progress: 0.92 + 0.07 * (at.next / moves.length),
        phase: "delete",
      };
    }
  },
};

/** Null when the old objects are gone, otherwise why they stay. */
async function removeOld(
  job: RelocateJob,
  move: Move,
  params: RelocateParams,
  signal: AbortSignal,
): Promise<string | null> {
  if (move.storeId !== params.to || !(await holds(job.to, move.manifest, signal)))
    return `not found in ${job.names.to}: the old copy in ${job.names.from} stays`;
  try {
    await removeSegment(job.from, move.manifest, signal);
    return null;
  } catch (error) {
    if (!isAppError(error) || !["forbidden", "refused"].includes(error.code)) throw error;
    return error.message;
  }
}

export const relocateSteps: readonly Step<RelocateParams>[] = [
  listSegments,
  copySegments,
  verifySegments,
  switchCatalogue,
  deleteOld,
];

/**
 * Before it ends early: what the catalogue has in the new store leaves the old one, and what it still has in the old
 * one leaves the new one, so that each segment is in one store. Only what this operation copied there: then the old one
 * was read and found whole. A copy that was there before may be the only one that is. Idempotent.
 */
export async function settleRelocate(
  context: StepContext,
  params: RelocateParams,
): Promise<Record<string, unknown>> {
  const job = await jobOf(context, params);
  const copied = copySchema.safeParse(context.cursors.copySegments).data;
  const next = copied?.next ?? 0;
  const moves = await ownMoves(context, params, job);
  for (const [index, move] of moves.entries()) {
    await context.holdLease();
    if (move.storeId === params.to) await removeOld(job, move, params, context.signal);
    else if (index < next ? !copied?.found.includes(move.segmentId) : index === next)
      await takeBack(job, move, index < next ? "copied" : "begun", context.signal);
  }
  return {};
}

/** A copy that was begun may have been there before: the old one is read whole first. */
async function takeBack(
  { from, to }: RelocateJob,
  { manifest }: Move,
  copy: "copied" | "begun",
  signal: AbortSignal,
): Promise<void> {
  if (!(await holds(from, manifest, signal))) return;
  if (copy === "begun") {
    const whole = await checkSha256(from, manifest, signal).then(
      () => true,
      (error: unknown) => {
        if (isAppError(error) && ["corrupt", "not_found"].includes(error.code)) return false;
        throw error;
      },
    );
    if (!whole) return;
  }
  await removeSegment(to, manifest, signal);
}
