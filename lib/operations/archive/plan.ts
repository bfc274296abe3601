import { db } from "@/lib/control/database";
import { coversNothing, resolveCutoff, toUs } from "@/lib/datasets/cutoff";
import { archiveTables, type Family, familyScope, loadFamily } from "@/lib/datasets/family";
import { risk, shapeRisks } from "@/lib/operations/archive/risks";
import { type TargetReport, targetReport } from "@/lib/operations/archive/target";
import type { PlanContext } from "@/lib/operations/operation";
import { rowsOf } from "@/lib/operations/row-access";
import { estimateOf, measuredSpeed, trialSpeed } from "@/lib/operations/speed";
import type { ArchiveParams, PlanBody, PlanMember, Risk, Sentence } from "@/lib/schemas/plan";
import { driverOf, traitsOf } from "@/lib/stores/registry";
import type { FamilyScope, RowAccess } from "@/lib/stores/rows";
import type { Store } from "@/lib/stores/store";
import type { MonthBucket, TableShape } from "@/lib/stores/table";

const MONTHS_MS = 8_000;
const BASIS_MS = 3_000;

interface Survey {
  family: Family;
  store: Store;
  rows: RowAccess;
  cutoff: Date;
  scope: FamilyScope;
  shapes: TableShape[];
  months: { exact: boolean; members: MonthBucket[][] };
}

/** The dry run of an archive: what would move, by which statements, at what risk. Reads only. */
export async function planArchive(context: PlanContext, params: ArchiveParams): Promise<PlanBody> {
  const survey = await surveyOf(context, params, MONTHS_MS);
  const { family, cutoff } = survey;
  const expires = leavesByExpiry(survey, params);
  // Rows that stay are older than an earlier cut-off without being late.
  const members = membersOf(survey, expires ? null : await earlierCutoff(params.datasetId));
  const rowCount = sum(members.map((member) => member.rowCount));
  const sizeBytes = sum(members.map((member) => member.sizeBytes));
  if (rowCount === 0 && survey.months.exact) throw await nothing(context, survey);
  const target = await targetReport(context, params, family, survey.rows, sizeBytes);
  const health = await survey.store.check(context.signal);
  return {
    kind: "archive",
    datasetName: family.root.name,
    storeName: family.store.name,
    targetName: target.name,
    cutoffAt: cutoff.toISOString(),
    exact: survey.months.exact,
    rowCount,
    sizeBytes,
    members,
    statements: [...target.ddl, ...statementsOf(survey, params)],
    locks: expires ? readLocks(family) : locksOf(survey, target),
    risks: [
      ...(expires ? await expiryRisks(family) : writeRisks(family)),
      ...shapeRisks(family, survey.shapes, survey.rows.createIndexSql),
      ...(await ownRisks(survey, params, context.signal)),
      ...target.risks,
      ...lateRisks(members),
    ],
    estimate: estimateOf(sizeBytes, await speedOf(context, survey, params)),
    space: {
      freeBytes: health.freeBytes,
      reusableBytes: expires ? 0 : sizeBytes,
      returnedBytes: 0,
      targetBytes: target.sizeBytes,
    },
    undo: { key: undoKey(params, expires), details: {} },
    conflicts: [],
    basis: basisOf(survey),
  };
}

/** What the plan leans on, read anew: shapes, the resolved cut-off, the band of rows. */
export async function archiveBasis(context: PlanContext, params: ArchiveParams): Promise<PlanBody["basis"]> {
  return basisOf(await surveyOf(context, params, BASIS_MS));
}

async function surveyOf(context: PlanContext, params: ArchiveParams, budgetMs: number): Promise<Survey> {
  const family = await loadFamily(params.datasetId);
  const cutoff = resolveCutoff(params.cutoff, context.now);
  const scope = familyScope(family, "hot", { fromUs: null, untilUs: toUs(cutoff) });
  const store = await context.openStore(family.store.id, "read");
  const rows = rowsOf(store, family.store.name);
  const shapes: TableShape[] = [];
  for (const member of family.members) shapes.push(await rows.describe(member.table, context.signal));
  const months = await rows.months(scope, budgetMs, context.signal);
  return { family, store, rows, cutoff, scope, shapes, months };
}

function basisOf({ family, cutoff, shapes, months }: Survey): PlanBody["basis"] {
  const basis: PlanBody["basis"] = { cutoff: cutoff.toISOString() };
  family.members.forEach((member, at) => {
    basis[`schema ${member.name}`] = shapes[at]?.fingerprint ?? "";
    if (months.exact)
      basis[`rows ${member.name}`] = sum((months.members[at] ?? []).map((month) => month.rowCount));
  });
  return basis;
}

function membersOf({ family, months }: Survey, before: Date | null): PlanMember[] {
  // A month is late when an earlier archive should have taken all of it.
  const lateBelow = before?.toISOString().slice(0, 7) ?? "";
  return family.members.map((member, at) => {
    const buckets = months.members[at] ?? [];
    return {
      datasetId: member.datasetId,
      name: member.name,
      rowCount: sum(buckets.map((bucket) => bucket.rowCount)),
      sizeBytes: sum(buckets.map((bucket) => bucket.sizeBytes)),
      months: buckets.map((bucket) => ({ ...bucket, late: bucket.month < lateBelow })),
    };
  });
}

/** The highest cut-off that an archive of this dataset has reached. */
async function earlierCutoff(datasetId: string): Promise<Date | null> {
  const done = await db().operation.findMany({
    where: { datasetId, kind: "archive", state: { in: ["succeeded", "partial"] } },
    include: { plan: { select: { body: true } } },
    orderBy: { createdAt: "desc" },
    take: 50,
  });
  const cutoffs = done.flatMap(({ plan }) => {
    const at = (plan.body as unknown as PlanBody).cutoffAt;
    return at ? [new Date(at).getTime()] : [];
  });
  return cutoffs.length > 0 ? new Date(Math.max(...cutoffs)) : null;
}

function lateRisks(members: readonly PlanMember[]): Risk[] {
  const late = members[0]?.months.filter((month) => month.late) ?? [];
  if (late.length === 0) return [];
  return [risk("info", "lateRows", { count: sum(late.map((month) => month.rowCount)), months: late.length })];
}

function writeRisks(family: Family): Risk[] {
  return family.store.writesEnabled ? [] : [risk("stop", "writesDisabled", { store: family.store.name })];
}

/** What the store itself knows to stand in the way. */
async function ownRisks(
  { rows, scope }: Survey,
  params: ArchiveParams,
  signal: AbortSignal,
): Promise<Risk[]> {
  if (params.target.tier === "archive") return (await rows.risks?.(scope, "move", signal)) ?? [];
  const exporting = (await rows.risks?.(scope, "export", signal)) ?? [];
  return [...exporting, ...((await rows.risks?.(scope, "delete", signal)) ?? [])];
}

function statementsOf({ rows, scope, family }: Survey, params: ArchiveParams): string[] {
  if (params.target.tier === "archive") return rows.explain(scope, "move", archiveTables(family));
  const copy = rows.explain(scope, "export", []);
  return rows.deleteRows ? [...copy, ...rows.explain(scope, "delete", [])] : copy;
}

const leavesByExpiry = ({ family }: Survey, { target }: ArchiveParams): boolean =>
  target.tier === "cold" && traitsOf(family.store.kind).leavesBy === "expiry";

function undoKey({ target }: ArchiveParams, expires: boolean): string {
  if (target.tier === "archive") return "undoFromArchive";
  return expires ? "undoNothing" : "undoFromCold";
}

/** Rows stay where they are; those that segments hold already are compared, and only what differs is written. */
async function expiryRisks(family: Family): Promise<Risk[]> {
  const { _sum } = await db().segment.aggregate({
    where: { datasetId: family.root.datasetId, state: "committed" },
    _sum: { rowCount: true },
  });
  const held = Number(_sum.rowCount ?? 0n);
  const stays = risk("info", "staysUntilExpiry", { store: family.store.name });
  return held === 0 ? [stays] : [stays, risk("info", "alreadyCold", { count: held })];
}

const readLocks = (family: Family): Sentence[] =>
  family.members.map(({ table }) => ({
    key: "lockReadOnly",
    details: { table: `${table.schema}.${table.name}` },
  }));

/** Without transactions nothing is held: each row is compared and deleted at once. */
function locksOf({ family }: Survey, target: TargetReport): Sentence[] {
  const key = driverOf(family.store.kind).abilities.includes("transactions") ? "lockRows" : "lockNone";
  const locks = family.members.map((member) => ({
    key,
    details: { table: `${member.table.schema}.${member.table.name}` },
  }));
  return target.ddl.length > 0 ? [{ key: "lockCreate", details: {} }, ...locks] : locks;
}

async function speedOf(context: PlanContext, survey: Survey, params: ArchiveParams) {
  const measured = await measuredSpeed("archive", params.target.tier, survey.family.store.id);
  if (measured) return { bytesPerSec: measured, measured: true };
  const trial = await trialSpeed(survey.rows, survey.scope, context.signal);
  return trial ? { bytesPerSec: trial, measured: false } : null;
}

async function nothing(context: PlanContext, { family, store, cutoff }: Survey): Promise<Error> {
  const stats = await store.stats(family.root.table, family.time, context.signal);
  return coversNothing(family.root.name, cutoff.toISOString(), stats.oldestAt);
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
