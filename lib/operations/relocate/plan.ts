import { db } from "@/lib/control/database";
import { AppError } from "@/lib/errors";
import { emptyPlan } from "@/lib/operations/empty-plan";
import type { PlanContext } from "@/lib/operations/operation";
import { type Move, movesOf, openRelocateJob, type RelocateJob } from "@/lib/operations/relocate/job";
import { estimateOf, measuredSpeed } from "@/lib/operations/speed";
import type { PlanBody, PlanMember, RelocateParams, Risk } from "@/lib/schemas/plan";

const MOST_STATEMENTS = 20;
/** So much is read for a guess, for so long at most; writing and reading back come on top. */
const TRIAL_BYTES = 8 << 20;
const TRIAL_MS = 3_000;
const READ_SHARE = 3;

interface Survey {
  job: RelocateJob;
  moves: Move[];
  missing: number;
}

/** Which segments would move, how much that is, and what could stand in the way. Reads the catalogue; writes nothing. */
export async function planRelocate(context: PlanContext, params: RelocateParams): Promise<PlanBody> {
  const { job, moves, missing } = await surveyOf(context, params);
  const { family, names } = job;
  if (moves.length === 0) throw nothing(family.root.name, names.from);
  const sizeBytes = bytesOf(moves);
  const health = await (await context.openStore(params.to, "read")).check(context.signal);
  return {
    ...emptyPlan("relocate", family.root.name, names.from),
    targetName: names.to,
    rowCount: moves.reduce((sum, { manifest }) => sum + manifest.rowCount, 0),
    sizeBytes,
    members: family.members.map((member, at) =>
      memberOf(
        member,
        moves.filter((move) => move.member === at),
      ),
    ),
    statements: statementsOf(moves, names),
    locks: [{ key: "lockNothing", details: {} }],
    risks: [
      ...(await writeRisks(params)),
      ...spaceRisks(health.freeBytes, sizeBytes),
      ...missingRisks(missing),
    ],
    estimate: estimateOf(sizeBytes, await speedOf(context, params, job, moves)),
    space: {
      freeBytes: health.freeBytes,
      reusableBytes: 0,
      returnedBytes: sizeBytes,
      targetBytes: sizeBytes,
    },
    undo: { key: "undoRelocate", details: { from: names.from, to: names.to } },
    basis: basisOf(job, moves),
  };
}

/** As measured by earlier moves, else guessed from reading a piece of the largest segment; null when that takes too long. */
async function speedOf(
  context: PlanContext,
  params: RelocateParams,
  job: RelocateJob,
  moves: readonly Move[],
) {
  const measured = await measuredSpeed("relocate", params.from, job.family.store.id);
  if (measured) return { bytesPerSec: measured, measured: true };
  const largest = moves.reduce((best, move) =>
    move.manifest.sizeBytes > best.manifest.sizeBytes ? move : best,
  );
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(TRIAL_MS)]);
  const until = Math.min(TRIAL_BYTES, largest.manifest.sizeBytes);
  const startedAt = performance.now();
  try {
    for await (const _ of await job.from.get(largest.manifest.key, { from: 0, until }, signal));
    const seconds = (performance.now() - startedAt) / 1_000;
    return { bytesPerSec: until / Math.max(seconds, 0.001) / READ_SHARE, measured: false };
  } catch (error) {
    if (!signal.aborted || context.signal.aborted) throw error;
    return null;
  }
}

/** The segments to move, read anew: one more or one less makes another plan. */
export async function relocateBasis(
  context: PlanContext,
  params: RelocateParams,
): Promise<PlanBody["basis"]> {
  const { job, moves } = await surveyOf(context, params);
  return basisOf(job, moves);
}

async function surveyOf(context: PlanContext, params: RelocateParams): Promise<Survey> {
  const job = await openRelocateJob((storeId) => context.openStore(storeId, "read"), params);
  const all = await movesOf(job.family, [params.from]);
  const moves = all.filter(({ missing }) => !missing);
  return { job, moves, missing: all.length - moves.length };
}

function basisOf({ family }: RelocateJob, moves: readonly Move[]): PlanBody["basis"] {
  const basis: PlanBody["basis"] = {};
  family.members.forEach((member, at) => {
    basis[`segments ${member.name}`] = moves.filter((move) => move.member === at).length;
  });
  return basis;
}

const bytesOf = (moves: readonly Move[]): number =>
  moves.reduce((sum, { manifest }) => sum + manifest.sizeBytes + (manifest.sidecar?.sizeBytes ?? 0), 0);

function memberOf(member: { datasetId: string; name: string }, moves: readonly Move[]): PlanMember {
  const months = new Map<string, { rowCount: number; sizeBytes: number }>();
  for (const { manifest } of moves) {
    const month = months.get(manifest.month) ?? { rowCount: 0, sizeBytes: 0 };
    month.rowCount += manifest.rowCount;
    month.sizeBytes += manifest.sizeBytes + (manifest.sidecar?.sizeBytes ?? 0);
    months.set(manifest.month, month);
  }
  return {
    datasetId: member.datasetId,
    name: member.name,
    rowCount: moves.reduce((sum, { manifest }) => sum + manifest.rowCount, 0),
    sizeBytes: bytesOf(moves),
    months: [...months]
      .map(([month, sums]) => ({ month, ...sums, late: false }))
      .sort((a, b) => (a.month < b.month ? -1 : 1)),
  };
}

function statementsOf(moves: readonly Move[], names: RelocateJob["names"]): string[] {
  const copies = moves
    .slice(0, MOST_STATEMENTS)
    .map(
      ({ manifest }) =>
        `COPY ${names.from}: ${manifest.key} → ${names.to} (SHA-256 ${manifest.sha256.slice(0, 12)}…)`,
    );
  const more = moves.length - copies.length;
  return [
    ...copies,
    ...(more > 0 ? [`… ${more} more`] : []),
    `DELETE ${names.from}: the ${moves.length} copies above, once all of them are proved in ${names.to}`,
  ];
}

async function writeRisks(params: RelocateParams): Promise<Risk[]> {
  const stores = await db().store.findMany({
    where: { id: { in: [params.from, params.to] }, writesEnabled: false },
  });
  return stores.map(({ name }) => ({ severity: "stop", key: "writesDisabled", details: { store: name } }));
}

function spaceRisks(freeBytes: number | null, needsBytes: number): Risk[] {
  if (freeBytes === null || freeBytes >= needsBytes) return [];
  return [{ severity: "stop", key: "spaceShort", details: { freeBytes, needsBytes } }];
}

const missingRisks = (count: number): Risk[] =>
  count === 0 ? [] : [{ severity: "warn", key: "relocateMissing", details: { count } }];

function nothing(name: string, from: string): AppError {
  const message = `No segment of ${name} lies in ${from}. Nothing was changed. Choose another store to move from.`;
  return new AppError("bad_input", message, {
    key: "relocateNothing",
    details: { name, from },
    fields: { from: message },
  });
}
