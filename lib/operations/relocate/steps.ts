import { z } from "zod";
import { db } from "@/lib/control/database";
import { isAppError } from "@/lib/errors";
import type { Checkpoint, Step, StepContext } from "@/lib/operations/operation";
import { copySegment, holds, proveCopy, removeSegment } from "@/lib/operations/relocate/copy";
import { type Move, movesOf, openRelocateJob, type RelocateJob } from "@/lib/operations/relocate/job";
import { LeaseLost } from "@/lib/operations/run/lease";
import { joinSums, loadSum, noSums, storeSum, sumSchema, totalRows } from "@/lib/operations/sums";
import type { RelocateParams } from "@/lib/schemas/plan";
import { emptyDigest } from "@/lib/stores/digest";

/** The segments this operation moves: fixed when it begins, whatever comes later stays for the next one. */
export const listSchema = z.object({ segmentIds: z.array(z.string()) });
export const copySchema = z.object({ next: z.number(), bytes: z.string(), sums: z.array(sumSchema) });
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

/** Copies, then proves: both walk the same list and add up what they saw of each member. */
const walk = (
  name: "copySegments" | "verifySegments",
  each: (job: RelocateJob, move: Move, signal: AbortSignal) => Promise<CopyCursor["sums"][number]>,
): Step<RelocateParams, CopyCursor> => ({
  name,
  cursor: copySchema,
  async *run(context, params, from) {
    const job = await jobOf(context, params);
    const moves = await ownMoves(context, params, job);
    let at: CopyCursor = from ?? { next: 0, bytes: "0", sums: noSums(job.family.members.length) };
    for (let next = at.next; next < moves.length; next += 1) {
      const move = moves[next];
      if (!move) continue;
      await context.holdLease();
      const sum = await each(job, move, context.signal);
      const added = job.family.members.map((_, member) =>
        member === move.member ? loadSum(sum) : emptyDigest(),
      );
      const bytes = (BigInt(at.bytes) + BigInt(move.manifest.sizeBytes)).toString();
      at = { next: next + 1, bytes, sums: joinSums(at.sums, added) };
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
  await copySegment({ from, to }, manifest, signal);
  return { rows: String(manifest.rowCount), hex: manifest.digest };
});

const verifySegments = walk("verifySegments", async ({ from, to }, { manifest }, signal) => {
  return storeSum(await proveCopy({ from, to }, manifest, signal));
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
 * one leaves the new one, so that each segment is in one store. Idempotent.
 */
export async function settleRelocate(
  context: StepContext,
  params: RelocateParams,
): Promise<Record<string, unknown>> {
  const job = await jobOf(context, params);
  for (const move of await ownMoves(context, params, job)) {
    await context.holdLease();
    if (move.storeId === params.to) await removeOld(job, move, params, context.signal);
    else if (await holds(job.from, move.manifest, context.signal))
      await removeSegment(job.to, move.manifest, context.signal);
  }
  return {};
}
