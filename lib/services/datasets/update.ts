import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { type DatasetDetailDto, type UpdateDatasetInput, updateDatasetSchema } from "@/lib/schemas/dataset";
import type { Actor } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { assertIdle } from "@/lib/services/datasets/assert-idle";
import { checkRoles } from "@/lib/services/datasets/check";
import { findDataset } from "@/lib/services/datasets/find";
import { getDataset } from "@/lib/services/datasets/get";
import { parse } from "@/lib/services/parse";
import { stored, toJson } from "@/lib/services/stored-json";
import { findStore } from "@/lib/services/stores/find";
import { withUniqueName } from "@/lib/services/stores/name-taken";
import type { StoredTable } from "@/lib/services/stores/stored-table";

/** Changes name, roles or retention. Roles and name stand still while an operation works on the dataset. */
export async function updateDataset(actor: Actor, input: UpdateDatasetInput): Promise<DatasetDetailDto> {
  authorize(actor, "dataset.write");
  const { datasetId, name, roles, keepDays } = parse(updateDatasetSchema, input);
  const row = await findDataset(datasetId);
  if (roles) {
    const store = await findStore(row.storeId);
    const table = stored<StoredTable[]>(store.tables)?.find(
      ({ ref }) => ref.schema === row.schemaName && ref.name === row.tableName,
    );
    if (table) checkRoles(table, roles, row.parentId !== null);
  }
  if (roles || (name && name !== row.name)) await assertIdle([datasetId], row.name);
  await withUniqueName(name ?? row.name, () =>
    db().$transaction(async (tx) => {
      await tx.dataset.update({
        where: { id: datasetId },
        data: {
          ...(name ? { name } : {}),
          ...(roles ? { roles: toJson(roles) } : {}),
          ...(keepDays === undefined ? {} : { keepDays }),
        },
      });
      await writeAudit(tx, actor, {
        action: "dataset.update",
        subject: name ?? row.name,
        subjectId: datasetId,
        details: {
          ...(name && name !== row.name ? { renamedFrom: row.name } : {}),
          ...(roles ? { roles } : {}),
          ...(keepDays === undefined ? {} : { keepDays, keepDaysBefore: row.keepDays }),
        },
      });
    }),
  );
  return getDataset(actor, { datasetId });
}
