import { type ArchiveScope, archiveScope } from "@/lib/operations/archive/scope";
import { coldProof } from "@/lib/operations/archive/to-cold";
import { stoppedTableProof } from "@/lib/operations/archive/to-table";
import type { StepContext } from "@/lib/operations/operation";
import { rowsOf } from "@/lib/operations/row-access";
import type { Proof, ProofLeft } from "@/lib/schemas/operation";
import type { ArchiveParams } from "@/lib/schemas/plan";
import { type DigestSum, digestHex } from "@/lib/stores/digest";

/** Whoever cancelled is waiting: what cannot be counted in this time is left uncounted, and that is said. */
const COUNT_BUDGET_MS = 3_000;

/** What an archive that ended early has moved, proved on both sides, and what it left hot below its cut-off. */
export async function stoppedArchive(context: StepContext, params: ArchiveParams): Promise<Proof> {
  const proof =
    params.target.tier === "archive"
      ? await stoppedTableProof(context, params)
      : await coldProof(context, params);
  const left = await leftHot(context, await archiveScope(context, params));
  return { ...proof, left, complete: false };
}

async function leftHot(context: StepContext, scope: ArchiveScope): Promise<ProofLeft[]> {
  const sums = await countLeft(context, scope);
  return scope.family.members.map(({ name }, at) => ({
    name,
    planned: context.plan.members[at]?.rowCount.toString() ?? null,
    rows: sums?.[at]?.rowCount.toString() ?? null,
    digest: sums?.[at] ? digestHex(sums[at]) : null,
  }));
}

/** Null when the store cannot tell: it may be the very reason why the operation failed. */
async function countLeft(context: StepContext, { family, hot }: ArchiveScope): Promise<DigestSum[] | null> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(COUNT_BUDGET_MS)]);
  try {
    const rows = rowsOf(await context.openStore(family.store.id, "read"), family.store.name);
    return await rows.count(hot, signal);
  } catch {
    context.signal.throwIfAborted();
    return null;
  }
}
