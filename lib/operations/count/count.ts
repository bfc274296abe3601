import { z } from "zod";
import { type FamilyDataset, loadDataset, tableScope } from "@/lib/datasets/family";
import { isAppError } from "@/lib/errors";
import { countColdRows } from "@/lib/operations/cold-rows";
import { emptyPlan } from "@/lib/operations/empty-plan";
import type { Checkpoint, Operation, Step, StepContext } from "@/lib/operations/operation";
import { rowsOf } from "@/lib/operations/row-access";
import { loadSum, type StoredSum, storeSum, sumSchema } from "@/lib/operations/sums";
import type { Proof } from "@/lib/schemas/operation";
import { type CountParams, countParamsSchema } from "@/lib/schemas/plan";

const cursorSchema = z.object({ sum: sumSchema.nullable() });
type CountCursor = z.infer<typeof cursorSchema>;

type Tier = "hot" | "archive";

/** Exact rows and content digest of a dataset, per tier. Reads every row once; changes nothing. */
export const countOperation: Operation<CountParams> = {
  kind: "count",
  params: countParamsSchema,
  requires: () => ["rows"],
  destructive: () => false,
  async plan(context, params) {
    const { root, store } = await loadDataset(params.datasetId);
    const rows = rowsOf(await context.openStore(store.id, "read"), store.name);
    await rows.describe(root.table, context.signal);
    return {
      ...emptyPlan("count", root.name, store.name),
      statements: [`SELECT count(*) FROM ${root.table.schema}.${root.table.name}`],
      locks: [{ key: "lockReadOnly", details: { table: root.table.name } }],
      undo: { key: "undoNothing", details: {} },
    };
  },
  basis: async () => ({}),
  steps: () => [tableStep("countHot", "hot"), tableStep("countArchive", "archive"), coldStep],
  proof: countProof,
  async stopped(context, params) {
    return { ...(await countProof(context, params)), complete: false };
  },
};

async function countProof({ cursors }: StepContext, params: CountParams): Promise<Proof> {
  const { root } = await loadDataset(params.datasetId);
  const facts = ["countHot", "countArchive", "countCold"].flatMap((step) =>
    step in cursors ? factOf(step, cursors[step]) : [],
  );
  return {
    lines: [],
    segments: [],
    kept: [],
    facts: [{ key: "dataset", after: root.name }, ...facts],
    complete: true,
    madeAt: new Date().toISOString(),
  };
}

function factOf(step: string, cursor: unknown): Proof["facts"] {
  const { sum } = cursorSchema.parse(cursor);
  if (!sum) return [];
  const tier = step.replace("count", "").toLowerCase();
  return [
    { key: `${tier}Rows`, after: sum.rows },
    { key: `${tier}Digest`, after: sum.hex },
  ];
}

const tableStep = (name: string, tier: Tier): Step<CountParams, CountCursor> => ({
  name,
  cursor: cursorSchema,
  async *run(context, params, from) {
    if (from) return;
    const { root, store } = await loadDataset(params.datasetId);
    const rows = rowsOf(await context.openStore(store.id, "read"), store.name);
    const table = tier === "hot" ? root.table : root.archive;
    if (tier === "archive" && !(await exists(() => rows.describe(table, context.signal)))) {
      yield counted(null, tier);
      return;
    }
    const sums = await rows.count(tableScope(root, tier), context.signal);
    const sum = sums[0] ? storeSum(sums[0]) : null;
    context.log(`${table.schema}.${table.name}: ${sum?.rows ?? 0} rows`);
    yield counted(sum, tier);
  },
});

const coldStep: Step<CountParams, CountCursor> = {
  name: "countCold",
  cursor: cursorSchema,
  async *run(context, params, from) {
    if (from) return;
    const { root } = await loadDataset(params.datasetId);
    const sum = await coldSum(context, root);
    yield counted(sum, "cold");
  },
};

async function coldSum(context: StepContext, root: FamilyDataset): Promise<StoredSum | null> {
  const sum = await countColdRows(
    root.datasetId,
    (storeId) => context.openStore(storeId, "read"),
    context.signal,
  );
  return sum ? storeSum(sum) : null;
}

const SHARE = { hot: 0.8, archive: 0.95, cold: 0.99 } as const;

const counted = (sum: StoredSum | null, tier: keyof typeof SHARE): Checkpoint<CountCursor> => ({
  cursor: { sum },
  doneRows: sum ? loadSum(sum).rowCount : 0n,
  doneBytes: 0n,
  progress: SHARE[tier],
});

/** False when the table is not there. */
export async function exists(describe: () => Promise<unknown>): Promise<boolean> {
  try {
    await describe();
    return true;
  } catch (error) {
    if (isAppError(error) && error.code === "not_found") return false;
    throw error;
  }
}
