import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { type EnableWritesInput, enableWritesSchema, type StoreDetailDto } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { findStore } from "@/lib/services/stores/find";
import { getStore } from "@/lib/services/stores/get";

/** Lets operations write to a store, or makes it read-only again. Changes nothing in the store itself. */
export async function enableWrites(actor: Actor, input: EnableWritesInput): Promise<StoreDetailDto> {
  authorize(actor, "store.write");
  const { storeId, enabled } = parse(enableWritesSchema, input);
  const row = await findStore(storeId);
  if (row.writesEnabled !== enabled) {
    await db().$transaction(async (tx) => {
      await tx.store.update({ where: { id: storeId }, data: { writesEnabled: enabled } });
      await writeAudit(tx, actor, {
        action: enabled ? "store.enableWrites" : "store.disableWrites",
        subject: row.name,
        subjectId: storeId,
      });
    });
  }
  return getStore(actor, { storeId });
}
