import { z } from "zod";
import { db } from "@/lib/control/database";
import { type FamilyDataset, loadDataset } from "@/lib/datasets/family";
import { AppError } from "@/lib/errors";
import { emptyPlan } from "@/lib/operations/empty-plan";
import type { Operation, PlanContext, Step, StepContext } from "@/lib/operations/operation";
import { optimizeOf } from "@/lib/operations/row-access";
import { estimateOf, measuredSpeed } from "@/lib/operations/speed";
import type { Proof } from "@/lib/schemas/operation";
import { type OptimizeParams, optimizeParamsSchema, type PlanBody, type Risk } from "@/lib/schemas/plan";
import type { OptimizePlan, Store } from "@/lib/stores/store";
import type { TableRef, TableStats } from "@/lib/stores/table";

const sizesSchema = z.object({
  heapBytes: z.number(),
  indexBytes: z.number(),
  toastBytes: z.number().nullable(),
  totalBytes: z.number(),
  deadRows: z.number().nullable(),
});
type Sizes = z.infer<typeof sizesSchema>;

const measureSchema = z.object({ sizes: sizesSchema });
const runSchema = z.object({ done: z.boolean() });

const LOCK_KEYS = {
  none: "lockNone",
  maintenance: "lockMaintenance",
  writes: "lockWrites",
  all: "lockAll",
} as const;

/** Gives space back or refreshes statistics: what the store offers for the table, with sizes before and after. */
export const optimizeOperation: Operation<OptimizeParams> = {
  kind: "optimize",
  params: optimizeParamsSchema,
  requires: () => ["optimize"],
  destructive: (_params, plan) =>
    plan.locks.some((lock) => lock.key === LOCK_KEYS.all) ||
    plan.risks.some((risk) => risk.key === "removesForGood"),
  plan: planOptimize,
  async basis(context, params) {
    const { table, store } = await tableOf(context, params);
    if (!store.rows) return {}; // objects have no shape that could change
    const { fingerprint } = await store.rows.describe(table, context.signal);
    return { [`schema ${table.name}`]: fingerprint };
  },
  steps: () => [measure("measureBefore", 0.01), run, measure("measureAfter", 0.99)],
  async proof({ cursors }): Promise<Proof> {
    const before = measureSchema.parse(cursors.measureBefore).sizes;
    return proofOf(before, measureSchema.parse(cursors.measureAfter).sizes);
  },
  async stopped(context, params): Promise<Proof> {
    const before = measureSchema.safeParse(context.cursors.measureBefore).data?.sizes ?? null;
    const after = before ? await sizesNow(context, params) : null;
    return { ...proofOf(before, after), complete: false };
  },
};

/** Sizes before and after; without the one there is nothing to tell, without the other what was is told. */
function proofOf(before: Sizes | null, after: Sizes | null): Proof {
  const names = before ? (Object.keys(sizesSchema.shape) as (keyof Sizes)[]) : [];
  const facts = names.map((key) => ({
    key,
    before: text(before?.[key] ?? null),
    after: text(after?.[key] ?? null),
  }));
  return { lines: [], segments: [], kept: [], facts, complete: true, madeAt: new Date().toISOString() };
}

/** Null when the store cannot tell: it may be the very reason why the operation failed. */
async function sizesNow(context: StepContext, params: OptimizeParams): Promise<Sizes | null> {
  try {
    const { table, store } = await tableOf(context, params);
    return sizesOf(await store.stats(table, null, context.signal));
  } catch {
    context.signal.throwIfAborted();
    return null;
  }
}

const text = (value: number | null): string => (value === null ? "" : value.toString());

interface Opened {
  table: TableRef;
  store: Store;
  name: string;
  storeId: string;
  datasetName: string;
  writesEnabled: boolean;
}

async function tableOf(
  context: { openStore(storeId: string, access: "read"): Promise<Store> },
  params: OptimizeParams,
): Promise<Opened> {
  const { root, store } = await loadDataset(params.datasetId);
  if (params.tier === "cold") return coldOf(context, params, root, store.name);
  return {
    table: params.tier === "hot" ? root.table : root.archive,
    store: await context.openStore(store.id, "read"),
    name: store.name,
    storeId: store.id,
    datasetName: root.name,
    writesEnabled: store.writesEnabled,
  };
}

/** The dataset's objects in an object store, named as its segments' keys name them. */
async function coldOf(
  context: { openStore(storeId: string, access: "read"): Promise<Store> },
  params: OptimizeParams,
  root: FamilyDataset,
  sourceName: string,
): Promise<Opened> {
  const storeId = params.storeId ?? root.coldStoreId ?? "";
  const row = await db().store.findUnique({ where: { id: storeId } });
  if (!row) throw noColdStore(root.name);
  return {
    table: { schema: sourceName, name: root.name },
    store: await context.openStore(row.id, "read"),
    name: row.name,
    storeId: row.id,
    datasetName: root.name,
    writesEnabled: row.writesEnabled,
  };
}

function noColdStore(name: string): AppError {
  const message = `${name} has no segments in an object store. Nothing was changed. Archive to cold storage first.`;
  return new AppError("bad_input", message, { key: "noColdStore", details: { name } });
}

async function planOptimize(context: PlanContext, params: OptimizeParams): Promise<PlanBody> {
  const opened = await tableOf(context, params);
  const { table, store, name } = opened;
  const offers = await optimizeOf(store, name).offers(table, context.signal);
  const offer = offers.find(
    ({ action }) => action.kind === params.action.kind && action.index === params.action.index,
  );
  if (!offer) throw notOffered(params, table);
  const stats = await store.stats(table, null, context.signal);
  const { freeBytes } = await store.check(context.signal);
  const { plan } = offer;
  const speed = await measuredSpeed("optimize", params.tier, opened.storeId);
  return {
    ...emptyPlan("optimize", opened.datasetName, name),
    sizeBytes: stats.totalBytes,
    statements: plan.statements,
    locks: [
      {
        key: LOCK_KEYS[plan.lock],
        details: { table: `${table.schema}.${table.name}`, lockName: plan.lockName },
      },
    ],
    risks: risksOf(plan, freeBytes, opened),
    estimate: estimateOf(stats.totalBytes, speed ? { bytesPerSec: speed, measured: true } : null),
    space: {
      freeBytes,
      reusableBytes: plan.reusableBytes,
      returnedBytes: plan.returnsBytes,
      targetBytes: plan.needsBytes,
    },
    undo: { key: "undoNothing", details: {} },
    basis: await optimizeOperation.basis(context, params),
  };
}

function risksOf(plan: OptimizePlan, freeBytes: number | null, opened: Opened): Risk[] {
  const risks: Risk[] = [];
  const table = `${opened.table.schema}.${opened.table.name}`;
  if (!opened.writesEnabled)
    risks.push({ severity: "stop", key: "writesDisabled", details: { store: opened.name } });
  if (plan.lock === "all") risks.push({ severity: "warn", key: "lockedWhole", details: { table } });
  if (plan.removes) risks.push({ severity: "warn", key: "removesForGood", details: { table } });
  if (plan.needsBytes > 0 && freeBytes !== null && freeBytes < plan.needsBytes) {
    const details = { freeBytes, needsBytes: plan.needsBytes };
    risks.push({ severity: "stop", key: "spaceShort", details });
  }
  if (plan.needsBytes > 0 && freeBytes === null) {
    risks.push({ severity: "warn", key: "spaceUnknown", details: { needsBytes: plan.needsBytes } });
  }
  return risks;
}

const measure = (name: string, progress: number): Step<OptimizeParams, z.infer<typeof measureSchema>> => ({
  name,
  cursor: measureSchema,
  async *run(context, params, from) {
    if (from) return;
    const { table, store } = await tableOf(context, params);
    const stats = await store.stats(table, null, context.signal);
    yield { cursor: { sizes: sizesOf(stats) }, doneRows: 0n, doneBytes: 0n, progress };
  },
});

const sizesOf = ({ heapBytes, indexBytes, toastBytes, totalBytes, deadRows }: TableStats): Sizes => ({
  heapBytes,
  indexBytes,
  toastBytes,
  totalBytes,
  deadRows,
});

/** Running it again after a crash is harmless: each of these statements may be repeated. */
const run: Step<OptimizeParams, z.infer<typeof runSchema>> = {
  name: "optimize",
  cursor: runSchema,
  async *run(context, params, from) {
    if (from?.done) return;
    const { table, name, storeId } = await tableOf(context, params);
    const optimize = optimizeOf(await context.openStore(storeId, "write"), name);
    for (const statement of context.plan.statements) context.log(statement);
    for await (const { phase, progress } of optimize.run(table, params.action, context.signal)) {
      const share = progress === null ? undefined : 0.02 + progress * 0.95;
      yield { cursor: { done: false }, doneRows: 0n, doneBytes: 0n, progress: share ?? 0.02, phase };
    }
    yield { cursor: { done: true }, doneRows: 0n, doneBytes: BigInt(context.plan.sizeBytes), progress: 0.98 };
  },
};

function notOffered(params: OptimizeParams, table: TableRef): AppError {
  const what = params.action.index ? `${params.action.kind} of ${params.action.index}` : params.action.kind;
  return new AppError(
    "bad_input",
    `The store does not offer ${what} for ${table.schema}.${table.name}. Nothing was changed. Choose one of the offers on the dataset's page.`,
    {
      key: "optimizeNotOffered",
      details: { action: what, table: table.name },
      fields: { action: `${what} is not offered` },
    },
  );
}
