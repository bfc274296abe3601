import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { type StoreDetailDto, storeIdSchema } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";
import { toJson } from "@/lib/services/stored-json";
import { findStore } from "@/lib/services/stores/find";
import { getStore } from "@/lib/services/stores/get";
import { probeStore } from "@/lib/services/stores/probe";
import { checkAccess, storeConfig } from "@/lib/stores/open";

/** Asks a store now instead of waiting for the next sample: its health and its list of tables. */
export async function refreshStore(actor: Actor, input: { storeId: string }): Promise<StoreDetailDto> {
  authorize(actor, "store.check");
  const { storeId } = parse(storeIdSchema, input);
  const row = await findStore(storeId);
  const { health, tables } = await probeStore(row.kind, storeConfig(row), checkAccess(row));
  const now = new Date();
  await db().store.update({
    where: { id: storeId },
    data: {
      health: toJson(health),
      healthAt: now,
      ...(row.state === health.state ? {} : { state: health.state, stateSince: now }),
      ...(tables ? { tables: toJson(tables), tablesAt: now } : {}),
      // A row's updatedAt tells open handles to reconnect: what was only looked at keeps it.
      updatedAt: row.updatedAt,
    },
  });
  return getStore(actor, { storeId });
}
