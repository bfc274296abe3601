import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { AppError } from "@/lib/errors";
import { type DeleteStoreInput, deleteStoreSchema } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { findStore } from "@/lib/services/stores/find";
import { assertTypedName } from "@/lib/services/typed-name";

/** Forgets a store; nothing in it is touched. Refused while datasets or segments of Strata's lie in it. */
export async function deleteStore(actor: Actor, input: DeleteStoreInput): Promise<{ deleted: true }> {
  authorize(actor, "store.write");
  const { storeId, confirm } = parse(deleteStoreSchema, input);
  const row = await findStore(storeId);
  assertTypedName(row.name, confirm);
  await db().$transaction(async (tx) => {
    const [datasets, segments] = await Promise.all([
      tx.dataset.count({ where: { storeId } }),
      tx.segment.count({ where: { storeId, state: "committed" } }),
    ]);
    if (datasets > 0 || segments > 0) throw inUse(row.name, datasets, segments);
    await tx.segment.deleteMany({ where: { storeId } });
    await tx.store.delete({ where: { id: storeId } });
    await writeAudit(tx, actor, {
      action: "store.delete",
      subject: row.name,
      subjectId: storeId,
      details: { kind: row.kind },
    });
  });
  return { deleted: true };
}

const inUse = (name: string, datasets: number, segments: number): AppError =>
  new AppError(
    "conflict",
    `${name} still holds ${datasets} datasets and ${segments} segments. Nothing was removed. Remove the datasets from Strata first; segments must be restored or their datasets removed.`,
    { key: "storeInUse", details: { name, datasets, segments } },
  );
