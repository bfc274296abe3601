import { type ArchiveScope, archiveScope } from "@/lib/operations/archive/scope";
import { coldProof } from "@/lib/operations/archive/to-cold";
import { stoppedTableProof } from "@/lib/operations/archive/to-table";
import type { StepContext } from "@/lib/operations/operation";
import { rowsOf } from "@/lib/operations/row-access";
import type { Proof, ProofLeft } from "@/lib/schemas/operation";
import type { ArchiveParams } from "@/lib/schemas/plan";
import { digestHex } from "@/lib/stores/digest";
import { traitsOf } from "@/lib/stores/registry";
import type { RowAccess } from "@/lib/stores/rows";

/** Whoever cancelled is waiting: so long may rows be digested, and where that is too short, be counted alone. */
const DIGEST_BUDGET_MS = 1_200;
const COUNT_BUDGET_MS = 800;

interface Left {
  rows: bigint;
  digest: string | null;
}

/** What an archive that ended early has moved, proved on both sides, and what it left hot below its cut-off. */
export async function stoppedArchive(context: StepContext, params: ArchiveParams): Promise<Proof> {
  const proof =
    params.target.tier === "archive"
      ? await stoppedTableProof(context, params)
      : await coldProof(context, params);
  const scope = await archiveScope(context, params);
  // What leaves by expiry is still there, all of it: that says nothing about what the run had yet to do.
  const stays = params.target.tier === "cold" && traitsOf(scope.family.store.kind).leavesBy === "expiry";
  const left = stays ? [] : await leftHot(context, scope);
  return { ...proof, left, complete: false };
}

async function leftHot(context: StepContext, scope: ArchiveScope): Promise<ProofLeft[]> {
  const left = await countLeft(context, scope);
  return scope.family.members.map(({ name }, at) => ({
    name,
    planned: context.plan.members[at]?.rowCount.toString() ?? null,
    rows: left?.[at]?.rows.toString() ?? null,
    digest: left?.[at]?.digest ?? null,
  }));
}

/** Null when the store cannot tell in time: it may be the very reason why the operation failed. */
async function countLeft(context: StepContext, scope: ArchiveScope): Promise<Left[] | null> {
  const { family, hot } = scope;
  try {
    const rows = rowsOf(await context.openStore(family.store.id, "read"), family.store.name);
    const digested = await digestLeft(context, rows, scope);
    if (digested) return digested;
    const { exact, members } = await rows.months(hot, COUNT_BUDGET_MS, context.signal);
    if (!exact) return null;
    return members.map((months) => ({
      rows: months.reduce((sum, { rowCount }) => sum + BigInt(rowCount), 0n),
      digest: null,
    }));
  } catch {
    context.signal.throwIfAborted();
    return null;
  }
}

async function digestLeft(
  { signal }: StepContext,
  rows: RowAccess,
  { hot }: ArchiveScope,
): Promise<Left[] | null> {
  const inTime = AbortSignal.any([signal, AbortSignal.timeout(DIGEST_BUDGET_MS)]);
  try {
    const sums = await rows.count(hot, inTime);
    return sums.map((sum) => ({ rows: sum.rowCount, digest: digestHex(sum) }));
  } catch (error) {
    if (signal.aborted || !inTime.aborted) throw error;
    return null;
  }
}
