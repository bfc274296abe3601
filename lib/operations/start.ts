import { db } from "@/lib/control/database";
import type { Prisma } from "@/lib/control/prisma/client/client";
import { familyIds } from "@/lib/datasets/family";
import { AppError } from "@/lib/errors";
import { enqueueOperation } from "@/lib/jobs/queue";
import { log } from "@/lib/log";
import { PROOF_STEP } from "@/lib/operations/operation";
import { type Actor, confirmation, consumePlan, loadFreshPlan } from "@/lib/operations/plans";
import { operationOf } from "@/lib/operations/registry";
import { ENDED_STATES, type StepState, type Throttle, throttleSchema } from "@/lib/schemas/operation";

export interface StartInput {
  planId: string;
  /** The dataset's name as typed; must match where the plan asks for it. */
  confirm?: string;
  reason?: string;
  throttle?: Partial<Throttle>;
  actor: Actor;
}

/**
 * Turns a fresh plan into an operation and hands it to the workers. The operation, its audit entry and the use of the
 * plan stand or fall together. Throws bad_input on `confirm` and `reason`, stale_plan, refused, and conflict when the
 * plan was used or another writing operation is at work on the family.
 */
export async function startOperation(input: StartInput): Promise<{ operationId: string }> {
  const { plan, body } = await loadFreshPlan(input.planId);
  const needed = confirmation(plan);
  if (needed !== null) checkConfirmation(needed, input);
  const datasetId = plan.datasetId ?? "";
  const storeId = plan.storeId ?? "";
  const operation = operationOf(plan.kind);
  const steps = operation.steps(operation.params.parse(plan.params)).map((step) => step.name);
  const title = `${plan.kind} ${body.datasetName}`;
  const reason = input.reason?.trim() ?? "";
  const operationId = await db().$transaction(async (tx) => {
    await guardFamily(tx, datasetId, plan.kind);
    await consumePlan(plan.id, tx);
    const created = await tx.operation.create({
      data: {
        planId: plan.id,
        kind: plan.kind,
        datasetId,
        storeId,
        title,
        params: plan.params ?? {},
        reason,
        steps: [...steps, PROOF_STEP].map(todo) as unknown as Prisma.InputJsonValue,
        throttle: throttleSchema.parse(input.throttle ?? {}) as unknown as Prisma.InputJsonValue,
        totalRows: body.exact ? BigInt(body.rowCount) : null,
        totalBytes: body.sizeBytes > 0 ? BigInt(body.sizeBytes) : null,
        createdById: input.actor.userId,
        createdByName: input.actor.name,
      },
    });
    await tx.auditEntry.create({
      data: {
        actorId: input.actor.userId,
        actorName: input.actor.name,
        action: "operation.start",
        subject: title,
        subjectId: created.id,
        reason,
        details: { kind: plan.kind, planId: plan.id, rowCount: body.rowCount, cutoffAt: body.cutoffAt },
      },
    });
    return created.id;
  });
  await hand(operationId);
  return { operationId };
}

const todo = (name: string): StepState => ({ name, state: "todo", startedAt: null, endedAt: null });

function checkConfirmation(needed: string, input: StartInput): void {
  const fields: Record<string, string> = {};
  if ((input.confirm ?? "").trim() !== needed) fields.confirm = `Type ${needed} to confirm.`;
  if (!input.reason?.trim()) fields.reason = "Say why: it stands in the audit log.";
  if (Object.keys(fields).length === 0) return;
  throw new AppError(
    "bad_input",
    "Running this needs the dataset's name and a reason. Nothing was changed.",
    {
      key: "confirmNeeded",
      details: { name: needed },
      fields,
    },
  );
}

/** One writing operation per family. Two that press the button at once queue at the lock; the second sees the first. */
async function guardFamily(tx: Prisma.TransactionClient, datasetId: string, kind: string): Promise<void> {
  const ids = await familyIds(datasetId, tx);
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`strata:family:${ids[0]}`}, 5163))`;
  if (kind === "count") return;
  const other = await tx.operation.findFirst({
    where: { datasetId: { in: ids }, kind: { not: "count" }, state: { notIn: [...ENDED_STATES] } },
  });
  if (!other) return;
  throw new AppError(
    "conflict",
    `"${other.title}", started by ${other.createdByName}, is still at work on this dataset (${other.state}). Nothing was started. Wait for it or cancel it.`,
    { key: "datasetBusy", details: { operationId: other.id, title: other.title, name: other.createdByName } },
  );
}

/** The operation is stored: if the queue does not answer now, a worker's sweep finds it within seconds. */
export async function hand(operationId: string): Promise<void> {
  try {
    await enqueueOperation(operationId);
  } catch (error) {
    log("operations").warn(
      { err: error, operationId },
      "the queue did not take an operation; the sweep will",
    );
  }
}
