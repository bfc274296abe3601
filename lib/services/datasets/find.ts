import { db } from "@/lib/control/database";
import type { Dataset } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";

/** The row, or `not_found`. */
export async function findDataset(datasetId: string): Promise<Dataset> {
  const row = await db().dataset.findUnique({ where: { id: datasetId } });
  if (row) return row;
  throw new AppError(
    "not_found",
    "There is no dataset with this address. It may have been removed from Strata.",
    {
      key: "datasetNotFound",
    },
  );
}
