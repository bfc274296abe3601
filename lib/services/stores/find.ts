import { db } from "@/lib/control/database";
import type { Store } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";

/** The row, or `not_found`. */
export async function findStore(storeId: string): Promise<Store> {
  const row = await db().store.findUnique({ where: { id: storeId } });
  if (row) return row;
  throw new AppError(
    "not_found",
    "There is no store with this address. It may have been removed from Strata.",
    {
      key: "storeNotFound",
    },
  );
}
