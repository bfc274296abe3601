import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { familyIds } from "@/lib/datasets/family";
import { type ColdPlaceDto, datasetIdSchema } from "@/lib/schemas/dataset";
import type { Actor } from "@/lib/schemas/user";
import { findDataset } from "@/lib/services/datasets/find";
import { parse } from "@/lib/services/parse";
import { driverOf } from "@/lib/services/stores/driver";

/** Object stores that hold segments of a dataset's family, fullest first, with what each offers to optimize. */
export async function listColdPlaces(actor: Actor, input: { datasetId: string }): Promise<ColdPlaceDto[]> {
  authorize(actor, "dataset.read");
  const { datasetId } = parse(datasetIdSchema, input);
  await findDataset(datasetId);
  const groups = await db().segment.groupBy({
    by: ["storeId"],
    where: { datasetId: { in: await familyIds(datasetId) }, state: "committed" },
    _sum: { rowCount: true, sizeBytes: true },
    _count: true,
  });
  const stores = await db().store.findMany({ where: { id: { in: groups.map(({ storeId }) => storeId) } } });
  return groups
    .flatMap(({ storeId, _sum, _count }) => {
      const store = stores.find(({ id }) => id === storeId);
      if (!store) return [];
      const { kind, name, writesEnabled } = store;
      return {
        storeId,
        name,
        kind,
        writesEnabled,
        segmentCount: _count,
        rowCount: Number(_sum.rowCount ?? 0n),
        sizeBytes: Number(_sum.sizeBytes ?? 0n),
        optimizeActions: [...driverOf(kind).optimizeActions],
      };
    })
    .sort((a, b) => b.sizeBytes - a.sizeBytes);
}
