import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { encrypt } from "@/lib/control/secret";
import { type CreateStoreInput, createStoreSchema, type StoreDetailDto } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { toJson } from "@/lib/services/stored-json";
import { parseConfig } from "@/lib/services/stores/config";
import { getStore } from "@/lib/services/stores/get";
import { withUniqueName } from "@/lib/services/stores/name-taken";
import { probeStore } from "@/lib/services/stores/probe";

/**
 * Adds a store, read-only until writes are enabled. It is asked once first: a store that does not answer is not
 * saved, and the driver's error says why.
 */
export async function createStore(actor: Actor, input: CreateStoreInput): Promise<StoreDetailDto> {
  authorize(actor, "store.write");
  const { name, kind, config: values } = parse(createStoreSchema, input);
  const { config, open, secrets } = parseConfig(kind, values);
  const { health, tables } = await probeStore(kind, config);
  const now = new Date();
  const storeId = await withUniqueName(name, () =>
    db().$transaction(async (tx) => {
      const { id } = await tx.store.create({
        data: {
          name,
          kind,
          config: toJson(open),
          state: health.state,
          health: toJson(health),
          healthAt: now,
          ...(tables ? { tables: toJson(tables), tablesAt: now } : {}),
        },
        select: { id: true },
      });
      // The cipher is bound to the id, which is known only now.
      if (Object.keys(secrets).length > 0) {
        await tx.store.update({
          where: { id },
          data: { secretCipher: encrypt(JSON.stringify(secrets), id) },
        });
      }
      await writeAudit(tx, actor, {
        action: "store.create",
        subject: name,
        subjectId: id,
        details: { kind },
      });
      return id;
    }),
  );
  return getStore(actor, { storeId });
}
