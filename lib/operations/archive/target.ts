import { db } from "@/lib/control/database";
import { archiveTables, type Family, familyScope } from "@/lib/datasets/family";
import { AppError } from "@/lib/errors";
import { risk } from "@/lib/operations/archive/risks";
import type { PlanContext } from "@/lib/operations/operation";
import type { ArchiveParams, Risk } from "@/lib/schemas/plan";
import type { RowAccess } from "@/lib/stores/rows";

/** Text in zstd Parquet shrinks about five times; a plan counts with less. */
const COLD_SHARE = 0.3;

export interface TargetReport {
  name: string;
  /** Statements that make the target ready. */
  ddl: string[];
  risks: Risk[];
  /** Bytes it will take there, about. */
  sizeBytes: number;
}

/** Whether the target can take what would come: the archive tables' shape, or the object store's state and space. */
export async function targetReport(
  context: PlanContext,
  params: ArchiveParams,
  family: Family,
  rows: RowAccess,
  sizeBytes: number,
): Promise<TargetReport> {
  if (params.target.tier === "cold") return coldTarget(context, params.target.storeId, sizeBytes);
  return tableTarget(context, family, rows, sizeBytes);
}

async function tableTarget(
  context: PlanContext,
  family: Family,
  rows: RowAccess,
  sizeBytes: number,
): Promise<TargetReport> {
  const report: TargetReport = {
    name: archiveTables(family)
      .map(({ name }) => name)
      .join(", "),
    ddl: [],
    risks: [],
    sizeBytes,
  };
  if (!rows.archiveTable || !rows.moveRows) {
    report.risks.push(risk("stop", "cannotMove", { store: family.store.name }));
    return report;
  }
  const scope = familyScope(family, "hot", { fromUs: null, untilUs: null });
  for (const [at, member] of scope.members.entries()) {
    const target = family.members[at]?.archive;
    if (!target) continue;
    const plan = await rows.archiveTable(member, target, context.signal);
    if (!plan.exists) report.ddl.push(...plan.ddl);
    else if (plan.drift.length > 0) {
      const details = { table: `${target.schema}.${target.name}`, drift: plan.drift.join("; ") };
      report.risks.push({ ...risk("stop", "archiveDrift", details), fix: plan.ddl });
    }
  }
  return report;
}

async function coldTarget(context: PlanContext, storeId: string, sizeBytes: number): Promise<TargetReport> {
  const row = await db().store.findUnique({ where: { id: storeId } });
  if (!row) {
    const message = "This object store is not configured any more. Nothing was changed. Choose another one.";
    throw new AppError("bad_input", message, { key: "storeMissing", fields: { target: message } });
  }
  const targetBytes = Math.round(sizeBytes * COLD_SHARE);
  const report: TargetReport = { name: row.name, ddl: [], risks: [], sizeBytes: targetBytes };
  const store = await context.openStore(storeId, "read");
  if (!store.objects) return withRisk(report, risk("stop", "targetNoObjects", { store: row.name }));
  if (!row.writesEnabled) return withRisk(report, risk("stop", "writesDisabled", { store: row.name }));
  const health = await store.check(context.signal);
  if (health.state === "unreachable")
    return withRisk(report, risk("stop", "targetUnreachable", { store: row.name }));
  const missing = health.rights.filter((right) => !right.granted).map((right) => right.name);
  if (missing.length > 0)
    withRisk(report, risk("stop", "targetNotWritable", { store: row.name, rights: missing.join(", ") }));
  if (health.freeBytes !== null && health.freeBytes < targetBytes) {
    withRisk(
      report,
      risk("warn", "targetSpace", { store: row.name, freeBytes: health.freeBytes, needsBytes: targetBytes }),
    );
  }
  return report;
}

function withRisk(report: TargetReport, one: Risk): TargetReport {
  report.risks.push(one);
  return report;
}
