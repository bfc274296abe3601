import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { type StoreDetailDto, type UpdateStoreInput, updateStoreSchema } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { toJson } from "@/lib/services/stored-json";
import { parseConfig } from "@/lib/services/stores/config";
import { findStore } from "@/lib/services/stores/find";
import { getStore } from "@/lib/services/stores/get";
import { withUniqueName } from "@/lib/services/stores/name-taken";
import { probeStore } from "@/lib/services/stores/probe";
import { savedValues } from "@/lib/services/stores/saved-values";

/**
 * Renames a store or changes how it is reached. A changed configuration is tried first and kept only if the store
 * answers. An empty secret field keeps the saved one. What runs opens the store anew with its next step.
 */
export async function updateStore(actor: Actor, input: UpdateStoreInput): Promise<StoreDetailDto> {
  authorize(actor, "store.write");
  const { storeId, name, config: values } = parse(updateStoreSchema, input);
  const row = await findStore(storeId);
  const data = values ? await changedConfig(storeId, row.kind, values) : {};
  await withUniqueName(name ?? row.name, () =>
    db().$transaction(async (tx) => {
      await tx.store.update({ where: { id: storeId }, data: { ...(name ? { name } : {}), ...data } });
      await writeAudit(tx, actor, {
        action: "store.update",
        subject: name ?? row.name,
        subjectId: storeId,
        details: {
          ...(name && name !== row.name ? { renamedFrom: row.name } : {}),
          connection: values !== undefined,
        },
      });
    }),
  );
  return getStore(actor, { storeId });
}

async function changedConfig(
  storeId: string,
  kind: string,
  values: Record<string, string | number | boolean | null>,
) {
  const { config, open, secrets } = parseConfig(kind, values, await savedValues(storeId));
  const { health, tables } = await probeStore(kind, config);
  const now = new Date();
  return {
    config: toJson(open),
    secretCipher: Object.keys(secrets).length > 0 ? encrypt(JSON.stringify(secrets), storeId) : null,
    state: health.state,
    stateSince: now,
    health: toJson(health),
    healthAt: now,
    ...(tables ? { tables: toJson(tables), tablesAt: now } : {}),
  };
}
