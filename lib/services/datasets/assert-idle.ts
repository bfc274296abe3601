import { type Db, db } from "@/lib/control/database";
import { AppError } from "@/lib/errors";
import { ACTIVE_STATES } from "@/lib/services/datasets/load";

/** Throws `conflict` while an operation works on one of these datasets. */
export async function assertIdle(datasetIds: readonly string[], name: string, on: Db = db()): Promise<void> {
  const active = await on.operation.findFirst({
    where: { datasetId: { in: [...datasetIds] }, state: { in: ACTIVE_STATES } },
    select: { id: true, title: true },
  });
  if (!active) return;
  throw new AppError(
    "conflict",
    `"${active.title}" works on ${name}. Nothing was changed. Wait for its end or cancel it first.`,
    { key: "datasetBusy", details: { name, title: active.title, operationId: active.id } },
  );
}
