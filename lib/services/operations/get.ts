import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import type { Operation } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";
import {
  type OperationDetailDto,
  operationIdSchema,
  type Proof,
  type StepState,
  throttleSchema,
} from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { loadNames, loadRates, operationDto } from "@/lib/services/operations/load";
import { parse } from "@/lib/services/parse";
import { stored } from "@/lib/services/stored-json";

const QUARANTINE_SHOWN = 100;

/** One operation with its steps, throttle, proof and first quarantined rows. */
export async function getOperation(
  actor: Actor,
  input: { operationId: string },
): Promise<OperationDetailDto> {
  authorize(actor, "operation.read");
  const { operationId } = parse(operationIdSchema, input);
  return operationDetail(await findOperation(operationId));
}

/** The row, or `not_found`. */
export async function findOperation(operationId: string): Promise<Operation> {
  const row = await db().operation.findUnique({ where: { id: operationId } });
  if (row) return row;
  throw new AppError(
    "not_found",
    "There is no operation with this address. It may have been a mistyped link.",
    {
      key: "operationNotFound",
    },
  );
}

export async function operationDetail(row: Operation): Promise<OperationDetailDto> {
  const [names, rates, quarantineCount, quarantine] = await Promise.all([
    loadNames([row]),
    loadRates([row]),
    db().quarantineRow.count({ where: { operationId: row.id } }),
    db().quarantineRow.findMany({
      where: { operationId: row.id },
      orderBy: { id: "asc" },
      take: QUARANTINE_SHOWN,
    }),
  ]);
  return {
    ...operationDto(row, names, rates.get(row.id) ?? []),
    planId: row.planId,
    reason: row.reason,
    params: row.params,
    steps: stored<StepState[]>(row.steps) ?? [],
    throttle: throttleSchema.parse(row.throttle),
    attempts: row.attempts,
    leaseOwner: row.leaseOwner,
    proof: stored<Proof>(row.proof),
    quarantineCount,
    quarantine: quarantine.map((item) => ({
      rowKey: stored<string[]>(item.rowKey) ?? [],
      reason: item.reason,
      at: item.at.toISOString(),
    })),
  };
}
