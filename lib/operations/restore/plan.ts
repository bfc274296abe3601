import { archiveTables, type Family } from "@/lib/datasets/family";
import { AppError } from "@/lib/errors";
import { emptyPlan } from "@/lib/operations/empty-plan";
import type { PlanContext } from "@/lib/operations/operation";
import { openRestoreJob, type RestoreJob } from "@/lib/operations/restore/job";
import { selectRows } from "@/lib/operations/restore/select";
import { slicesOf } from "@/lib/operations/restore/steps";
import { estimateOf, measuredSpeed } from "@/lib/operations/speed";
import type { PlanBody, PlanMember, RestoreParams, Risk } from "@/lib/schemas/plan";
import { driverOf } from "@/lib/stores/registry";

/** A dry run looks at rows for so long; beyond that its figures are "at least". */
const DRY_RUN_MS = 15_000;
const MOST_CONFLICTS = 200;
/** Guess where the source does not say how large a row is. */
const ROW_BYTES = 2_048;

interface DryRun {
  rows: number[];
  conflicts: PlanBody["conflicts"];
  conflictCount: number;
  exact: boolean;
}

/** What would come back and what stands in the way. Reads only. */
export async function planRestore(context: PlanContext, params: RestoreParams): Promise<PlanBody> {
  const job = await jobOf(context, params);
  const found = await dryRun(job);
  const rowCount = found.rows.reduce((sum, count) => sum + count, 0);
  if (rowCount === 0 && found.conflictCount === 0 && found.exact) throw nothing(job.family.root.name);
  const { family } = job;
  const sizeBytes = rowCount * ROW_BYTES;
  const speed = await measuredSpeed("restore", params.from, family.store.id);
  const health = await (await context.openStore(family.store.id, "read")).check(context.signal);
  return {
    ...emptyPlan("restore", family.root.name, family.store.name),
    targetName: family.root.name,
    exact: found.exact,
    rowCount,
    sizeBytes,
    members: family.members.map(
      (member, at): PlanMember => ({
        datasetId: member.datasetId,
        name: member.name,
        rowCount: found.rows[at] ?? 0,
        sizeBytes: (found.rows[at] ?? 0) * ROW_BYTES,
        months: [],
      }),
    ),
    statements: job.rows.explain(job.hot, "restore", archiveTables(family)),
    locks: family.members.map(({ table }) => ({
      key: driverOf(family.store.kind).abilities.includes("transactions") ? "lockInsert" : "lockNone",
      details: { table: `${table.schema}.${table.name}` },
    })),
    risks: [
      ...risksOf(family, found),
      ...((await job.rows.risks?.(
        { ...job.hot, fromUs: job.fromUs, untilUs: job.untilUs },
        "restore",
        context.signal,
      )) ?? []),
    ],
    estimate: estimateOf(sizeBytes, speed ? { bytesPerSec: speed, measured: true } : null),
    space: { freeBytes: health.freeBytes, reusableBytes: 0, returnedBytes: 0, targetBytes: sizeBytes },
    undo: { key: "undoArchiveAgain", details: {} },
    conflicts: found.conflicts,
    basis: await restoreBasis(context, params),
  };
}

export async function restoreBasis(context: PlanContext, params: RestoreParams): Promise<PlanBody["basis"]> {
  const job = await jobOf(context, params);
  const basis: PlanBody["basis"] = {};
  for (const member of job.family.members) {
    basis[`schema ${member.name}`] = (await job.rows.describe(member.table, context.signal)).fingerprint;
  }
  return basis;
}

const jobOf = (context: PlanContext, params: RestoreParams): Promise<RestoreJob> =>
  openRestoreJob(
    {
      operationId: "",
      signal: context.signal,
      open: (storeId) => context.openStore(storeId, "read"),
      holdLease: async () => undefined,
    },
    params,
  );

async function dryRun(job: RestoreJob): Promise<DryRun> {
  const until = Date.now() + DRY_RUN_MS;
  const found: DryRun = {
    rows: job.family.members.map(() => 0),
    conflicts: [],
    conflictCount: 0,
    exact: true,
  };
  for await (const slice of slicesOf(job, null)) {
    const selection = await selectRows(slice, job.hot, job.rows, job.signal);
    selection.rows.forEach((rows, member) => {
      found.rows[member] = (found.rows[member] ?? 0) + rows.size;
    });
    found.conflictCount += selection.conflicts.length;
    const room = MOST_CONFLICTS - found.conflicts.length;
    found.conflicts.push(
      ...selection.conflicts.slice(0, room).map(({ key, reason }) => ({ key: [...key], reason })),
    );
    if (Date.now() > until) return { ...found, exact: false };
  }
  return found;
}

function risksOf(family: Family, found: DryRun): Risk[] {
  const risks: Risk[] = [];
  if (!family.store.writesEnabled) {
    risks.push({ severity: "stop", key: "writesDisabled", details: { store: family.store.name } });
  }
  if (found.conflictCount > 0) {
    risks.push({ severity: "warn", key: "restoreConflicts", details: { count: found.conflictCount } });
  }
  return risks;
}

function nothing(name: string): AppError {
  const message = `Nothing of ${name} lies there in this range or under these keys. Nothing was changed. Choose another range.`;
  return new AppError("bad_input", message, {
    key: "restoreNothing",
    details: { name },
    fields: { range: message },
  });
}
