import { z } from "zod";
import { db } from "@/lib/control/database";
import { archiveTables, familyScope } from "@/lib/datasets/family";
import { isAppError } from "@/lib/errors";
import { type ArchiveScope, archiveScope } from "@/lib/operations/archive/scope";
import { cursorTimeUs } from "@/lib/operations/cursor-time";
import type { Step, StepContext } from "@/lib/operations/operation";
import { cannot, rowsOf } from "@/lib/operations/row-access";
import {
  joinSums,
  loadSum,
  noSums,
  proofLine,
  type StoredSum,
  sameSum,
  storeSum,
  sumSchema,
  totalRows,
  withoutSum,
} from "@/lib/operations/sums";
import type { Proof } from "@/lib/schemas/operation";
import type { ArchiveParams } from "@/lib/schemas/plan";
import { type DigestSum, emptyDigest } from "@/lib/stores/digest";
import type { FamilyScope, RowAccess } from "@/lib/stores/rows";

const prepareSchema = z.object({
  /** Where the rows to move begin; what the archive held from there on before the first move. Null: not counted. */
  fromUs: z.string().nullable(),
  before: z.array(sumSchema).nullable(),
});

const moveSchema = z.object({
  after: z.array(z.string()).nullable(),
  source: z.array(sumSchema),
  target: z.array(sumSchema),
  bytes: z.string(),
});

const verifySchema = z.object({
  /** Rows per member that were found moved though no checkpoint knew of them: a worker died right after the move. */
  recovered: z.array(sumSchema),
  recounted: z.boolean(),
});

type Prepared = z.infer<typeof prepareSchema>;
type Moved = z.infer<typeof moveSchema>;
type Verified = z.infer<typeof verifySchema>;

/** Creates what is missing, and counts what the archive tables hold already where rows will arrive. */
const prepareTables: Step<ArchiveParams, Prepared> = {
  name: "prepareTables",
  cursor: prepareSchema,
  async *run(context, params, from) {
    if (from) return;
    const scope = await archiveScope(context, params);
    const rows = rowsOf(await context.openStore(scope.family.store.id, "write"), scope.family.store.name);
    if (!rows.archiveTable || !rows.execute) throw cannot(scope.family.store.name, "moveRows");
    for (const [at, member] of scope.hot.members.entries()) {
      const target = scope.family.members[at]?.archive;
      if (!target) continue;
      const plan = await rows.archiveTable(member, target, context.signal);
      if (plan.ddl.length === 0) continue;
      for (const statement of plan.ddl) context.log(statement);
      await rows.execute(plan.ddl, context.signal);
    }
    await noteArchiveTables(scope);
    yield { cursor: await countBefore(context, scope, rows), doneRows: 0n, doneBytes: 0n };
  },
};

/** Before the first row moves: from then on searches, records and samples look into the archive tables too. */
async function noteArchiveTables({ family }: ArchiveScope): Promise<void> {
  for (const { datasetId, archive } of family.members) {
    await db().dataset.update({
      where: { id: datasetId },
      data: { archiveSchema: archive.schema, archiveTable: archive.name },
    });
  }
}

/** The baseline of a recount after a crash. Rows older than the oldest one to move do not matter. */
async function countBefore(context: StepContext, scope: ArchiveScope, rows: RowAccess): Promise<Prepared> {
  const first = await rows.window(scope.hot, null, 1, context.signal);
  const fromUs = first ? cursorTimeUs(first.end, scope.hot.time) : null;
  try {
    const before = await rows.count(inArchive(scope, fromUs), context.signal);
    return { fromUs: fromUs?.toString() ?? null, before: before.map(storeSum) };
  } catch (error) {
    if (!isAppError(error) || error.code !== "timeout") throw error;
    context.log(
      "The archive is too large to be counted first: after a crash its last batch would not be counted",
      "warn",
    );
    return { fromUs: fromUs?.toString() ?? null, before: null };
  }
}

const inArchive = ({ family, cutoffUs }: ArchiveScope, fromUs: bigint | null): FamilyScope =>
  familyScope(family, "archive", { fromUs, untilUs: cutoffUs });

/** Runs in which a batch failed: it may have been committed all the same, when only its answer was lost. */
const unsure = new WeakSet<StepContext["cursors"]>();

/** Batch by batch inside the server: a batch leaves and arrives in one transaction, or not at all. */
const moveRows: Step<ArchiveParams, Moved> = {
  name: "moveRows",
  cursor: moveSchema,
  async *run(context, params, from) {
    const scope = await archiveScope(context, params);
    const { store, members } = scope.family;
    const rows = rowsOf(await context.openStore(store.id, "write"), store.name);
    if (!rows.moveRows) throw cannot(store.name, "moveRows");
    let at: Moved = from ?? {
      after: null,
      source: noSums(members.length),
      target: noSums(members.length),
      bytes: "0",
    };
    for (;;) {
      const { batchRows, statementTimeoutMs, lockTimeoutMs } = context.throttle();
      const options = { after: at.after, maxRows: batchRows, statementTimeoutMs, lockTimeoutMs };
      const moved = await rows
        .moveRows(scope.hot, archiveTables(scope.family), options, context.signal)
        .catch((error: unknown) => {
          unsure.add(context.cursors);
          throw error;
        });
      if (moved.unsure) unsure.add(context.cursors);
      if (!moved.end) return;
      at = {
        after: [...moved.end],
        source: joinSums(at.source, moved.source),
        target: joinSums(at.target, moved.target),
        bytes: (BigInt(at.bytes) + BigInt(moved.movedBytes)).toString(),
      };
      yield { cursor: at, doneRows: totalRows(at.target), doneBytes: BigInt(at.bytes), phase: "move" };
    }
  },
};

/**
 * Each batch was proved inside its transaction. Only a worker that died between a batch and its checkpoint, or a batch
 * whose answer was lost, leaves a gap in the figures (never in the rows): then the archive side is counted anew.
 */
const verify: Step<ArchiveParams, Verified> = {
  name: "verify",
  cursor: verifySchema,
  async *run(context, params, from) {
    if (from) return;
    const scope = await archiveScope(context, params);
    const prepared = prepareSchema.parse(context.cursors.prepareTables);
    const moved = movedOf(context.cursors, scope.family.members.length);
    const interrupted = wasInterrupted(context) && prepared.before !== null;
    const cursor = interrupted
      ? await recount(context, scope, prepared, moved)
      : notRecounted(moved.target.length);
    yield {
      cursor,
      doneRows: totalRows(moved.target) + totalRows(cursor.recovered),
      doneBytes: BigInt(moved.bytes),
    };
  },
};

/** Whoever cancelled is waiting: so long may the archive be counted for a proof of what was done until then. */
const RECOUNT_BUDGET_MS = 1_500;

const wasInterrupted = (context: StepContext): boolean => context.fence > 1 || unsure.has(context.cursors);

const notRecounted = (members: number): Verified => ({ recovered: noSums(members), recounted: false });

async function recount(
  context: StepContext,
  scope: ArchiveScope,
  prepared: Prepared,
  moved: Moved,
): Promise<Verified> {
  context.log("Counts the archive anew, because the run was interrupted");
  const rows = rowsOf(await context.openStore(scope.family.store.id, "read"), scope.family.store.name);
  const fromUs = prepared.fromUs === null ? null : BigInt(prepared.fromUs);
  const after = await rows.count(inArchive(scope, fromUs), context.signal);
  const recovered = after.map((sum, member) => {
    const arrived = withoutSum(sum, memberSum(prepared.before, member));
    return storeSum(withoutSum(arrived, memberSum(moved.target, member)));
  });
  return { recovered, recounted: true };
}

const memberSum = (sums: readonly StoredSum[] | null, member: number): DigestSum => {
  const sum = sums?.[member];
  return sum ? loadSum(sum) : emptyDigest();
};

function movedOf(cursors: Record<string, unknown>, members: number): Moved {
  if (cursors.moveRows) return moveSchema.parse(cursors.moveRows);
  return { after: null, source: noSums(members), target: noSums(members), bytes: "0" };
}

/** Rows less than were moved, or as many with another digest: the archive was changed by somebody else meanwhile. */
const onlyMore = (sum: StoredSum): boolean => BigInt(sum.rows) > 0n || sameSum(loadSum(sum), emptyDigest());

export const tableSteps: readonly Step<ArchiveParams>[] = [prepareTables, moveRows, verify];

export async function tableProof(context: StepContext, params: ArchiveParams): Promise<Proof> {
  const scope = await archiveScope(context, params);
  return proofOf(context, scope, verifySchema.parse(context.cursors.verify));
}

/**
 * The same after an early end. A batch whose answer was lost is counted with a look at the archive side; where that
 * cannot be had, the checkpoints' figures stand, with a note.
 */
export async function stoppedTableProof(context: StepContext, params: ArchiveParams): Promise<Proof> {
  const scope = await archiveScope(context, params);
  const moved = movedOf(context.cursors, scope.family.members.length);
  if (context.cursors.verify) return proofOf(context, scope, verifySchema.parse(context.cursors.verify));
  const none = notRecounted(moved.target.length);
  if (!context.cursors.prepareTables || !wasInterrupted(context)) return proofOf(context, scope, none);
  const prepared = prepareSchema.parse(context.cursors.prepareTables);
  try {
    const signal = AbortSignal.any([context.signal, AbortSignal.timeout(RECOUNT_BUDGET_MS)]);
    if (prepared.before !== null)
      return proofOf(context, scope, await recount({ ...context, signal }, scope, prepared, moved));
  } catch (error) {
    context.signal.throwIfAborted();
    context.log(error instanceof Error ? error.message : String(error), "warn");
  }
  return { ...proofOf(context, scope, none), notes: ["lastBatchUncounted"] };
}

function proofOf(context: StepContext, { family }: ArchiveScope, verified: Verified): Proof {
  const moved = movedOf(context.cursors, family.members.length);
  const lines = family.members.map((member, at) => {
    const recovered = joinSums([verified.recovered[at] ?? storeSum(emptyDigest())], []);
    const plus = (sums: readonly StoredSum[]) =>
      loadSum(joinSums(recovered, [memberSum(sums, at)])[0] ?? storeSum(emptyDigest()));
    return proofLine(member.name, plus(moved.source), plus(moved.target));
  });
  const recovered = totalRows(verified.recovered);
  const facts = verified.recounted
    ? [{ key: "recountedRows", after: totalRows(moved.target).toString() }]
    : [];
  if (recovered !== 0n) facts.push({ key: "recoveredRows", after: recovered.toString() });
  const complete = lines.every((line) => line.equal) && verified.recovered.every(onlyMore);
  return { lines, segments: [], kept: [], facts, complete, madeAt: new Date().toISOString() };
}
