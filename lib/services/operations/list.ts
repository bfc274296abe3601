import { authorize } from "@/lib/auth/authorize";
import type { Prisma } from "@/lib/control/prisma/client/client";
import { type ListOperationsInput, listOperationsSchema, type OperationDto } from "@/lib/schemas/operation";
import type { Page } from "@/lib/schemas/page";
import type { Actor } from "@/lib/schemas/user";
import { decodeCursor, encodeCursor } from "@/lib/services/cursor";
import { ACTIVE_STATES } from "@/lib/services/datasets/load";
import { loadOperations } from "@/lib/services/operations/load";
import { parse } from "@/lib/services/parse";

/** Operations, newest first. `state: "active"` finds all that have not ended. */
export async function listOperations(actor: Actor, input: ListOperationsInput): Promise<Page<OperationDto>> {
  authorize(actor, "operation.read");
  const { cursor, limit, state, ...filters } = parse(listOperationsSchema, input);
  const after = decodeCursor(cursor, 2);
  const where: Prisma.OperationWhereInput = {
    ...filters,
    ...(state ? { state: state === "active" ? { in: ACTIVE_STATES } : state } : {}),
    ...(after ? older(after) : {}),
  };
  const rows = await loadOperations({
    where,
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: limit + 1,
  });
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    next: rows.length > limit && last ? encodeCursor([last.createdAt, last.operationId]) : null,
  };
}

function older([createdAt = "", id = ""]: string[]): Prisma.OperationWhereInput {
  // The text carries milliseconds, the column microseconds: the rows of one millisecond are told apart by id,
  // which grows with time.
  const at = new Date(createdAt);
  const nextMs = new Date(at.getTime() + 1);
  return { createdAt: { lt: nextMs }, OR: [{ createdAt: { lt: at } }, { id: { lt: id } }] };
}
