import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { Prisma } from "@/lib/control/prisma/client/client";
import { pricesOf } from "@/lib/datasets/prices";
import { type Prices, type SetPricesInput, type StorePricesDto, setPricesSchema } from "@/lib/schemas/price";
import type { Actor } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { parse } from "@/lib/services/parse";
import { stored } from "@/lib/services/stored-json";
import { familyOfKind } from "@/lib/services/stores/driver";
import { findStore } from "@/lib/services/stores/find";

/** Sets what a store costs, or goes back to its family's default. Touches nothing but the figures on the screens. */
export async function setPrices(actor: Actor, input: SetPricesInput): Promise<StorePricesDto> {
  authorize(actor, "store.write");
  const { storeId, prices } = parse(setPricesSchema, input);
  const row = await findStore(storeId);
  await db().$transaction(async (tx) => {
    await tx.store.update({ where: { id: storeId }, data: { prices: prices ?? Prisma.DbNull } });
    await writeAudit(tx, actor, {
      action: "store.setPrices",
      subject: row.name,
      subjectId: storeId,
      details: { before: stored<Prices>(row.prices), after: prices },
    });
  });
  return pricesOf(prices, familyOfKind(row.kind));
}
