import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { familyIds } from "@/lib/datasets/family";
import { type RemoveDatasetInput, removeDatasetSchema } from "@/lib/schemas/dataset";
import type { Actor } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { assertIdle } from "@/lib/services/datasets/assert-idle";
import { findDataset } from "@/lib/services/datasets/find";
import { parse } from "@/lib/services/parse";
import { assertTypedName } from "@/lib/services/typed-name";

/**
 * Forgets a dataset and the members below it. Rows, archive tables and segments stay exactly where they are; a
 * rebuild of the catalogue finds the segments again once the table is a dataset of the same name.
 */
export async function removeDataset(actor: Actor, input: RemoveDatasetInput): Promise<{ removed: string[] }> {
  authorize(actor, "dataset.write");
  const { datasetId, confirm } = parse(removeDatasetSchema, input);
  const row = await findDataset(datasetId);
  assertTypedName(row.name, confirm);
  const family = await familyIds(datasetId);
  return db().$transaction(async (tx) => {
    await assertIdle(family, row.name, tx);
    const all = await tx.dataset.findMany({
      where: { id: { in: family } },
      select: { id: true, name: true, parentId: true },
    });
    const going = [datasetId];
    for (let at = 0; at < going.length; at++) {
      going.push(...all.filter((one) => one.parentId === going[at]).map((one) => one.id));
    }
    const segments = await tx.segment.deleteMany({ where: { datasetId: { in: going } } });
    // Children first: a parent that is referred to cannot go.
    for (const id of going.toReversed()) await tx.dataset.delete({ where: { id } });
    const names = all.filter((one) => going.includes(one.id)).map((one) => one.name);
    await writeAudit(tx, actor, {
      action: "dataset.remove",
      subject: row.name,
      subjectId: datasetId,
      details: { datasets: names, segmentsForgotten: segments.count },
    });
    return { removed: names };
  });
}
