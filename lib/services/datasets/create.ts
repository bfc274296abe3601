import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { AppError } from "@/lib/errors";
import { type CreateDatasetInput, createDatasetSchema, type DatasetDto } from "@/lib/schemas/dataset";
import type { Actor } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { checkRoles } from "@/lib/services/datasets/check";
import { createFamily } from "@/lib/services/datasets/create-family";
import { findDataset } from "@/lib/services/datasets/find";
import { loadDatasets } from "@/lib/services/datasets/load";
import { parse } from "@/lib/services/parse";
import { stored, toJson } from "@/lib/services/stored-json";
import { findStore } from "@/lib/services/stores/find";
import { withUniqueName } from "@/lib/services/stores/name-taken";
import type { StoredTable } from "@/lib/services/stores/stored-table";

/** Puts one table under management, alone or under a parent that is a dataset of the same store already. */
export async function createDataset(actor: Actor, input: CreateDatasetInput): Promise<DatasetDto> {
  authorize(actor, "dataset.write");
  const { storeId, parentId, ...member } = parse(createDatasetSchema, input);
  if (parentId) return createUnder(actor, parentId, { storeId, ...member });
  const [dataset] = await createFamily(actor, {
    storeId,
    members: [{ ...member, parentTable: null, parentLink: null }],
  });
  if (dataset) return dataset;
  throw new AppError("conflict", "The dataset was removed while it was being made. Try again.", {
    key: "datasetGone",
  });
}

async function createUnder(
  actor: Actor,
  parentId: string,
  member: Omit<ReturnType<typeof createDatasetSchema.parse>, "parentId">,
): Promise<DatasetDto> {
  const [parent, store] = await Promise.all([findDataset(parentId), findStore(member.storeId)]);
  if (parent.storeId !== member.storeId || !member.parentLink) {
    const sentence = "A child lies in its parent's store and names the columns that lead to it.";
    throw new AppError("bad_input", sentence, { key: "halfParent", fields: { parentId: sentence } });
  }
  const table = stored<StoredTable[]>(store.tables)?.find(
    ({ ref }) => ref.schema === member.schemaName && ref.name === member.tableName,
  );
  if (!table) {
    const sentence = `${member.schemaName}.${member.tableName} is not among the store's tables. Refresh the store and try again.`;
    throw new AppError("bad_input", sentence, { key: "noTable", fields: { tableName: sentence } });
  }
  checkRoles(table, member.roles, true);
  const { roles, parentLink, ...plain } = member;
  const id = await withUniqueName(member.name, () =>
    db().$transaction(async (tx) => {
      const row = await tx.dataset.create({
        data: { ...plain, roles: toJson(roles), parentLink: toJson(parentLink), parentId },
        select: { id: true },
      });
      await writeAudit(tx, actor, { action: "dataset.create", subject: member.name, subjectId: row.id });
      return row.id;
    }),
  );
  const [dataset] = await loadDatasets({ id });
  if (dataset) return dataset;
  throw new AppError("conflict", "The dataset was removed while it was being made. Try again.", {
    key: "datasetGone",
  });
}
