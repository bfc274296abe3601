import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import type { Prisma } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";
import { type CreateFamilyInput, createFamilySchema, type DatasetDto } from "@/lib/schemas/dataset";
import type { Actor } from "@/lib/schemas/user";
import { writeAudit } from "@/lib/services/audit/write";
import { checkRoles } from "@/lib/services/datasets/check";
import { loadDatasets } from "@/lib/services/datasets/load";
import { parse } from "@/lib/services/parse";
import { stored, toJson } from "@/lib/services/stored-json";
import { findStore } from "@/lib/services/stores/find";
import { withUniqueName } from "@/lib/services/stores/name-taken";
import type { StoredTable } from "@/lib/services/stores/stored-table";

type Member = ReturnType<typeof parseMembers>["members"][number];
const parseMembers = (input: CreateFamilyInput) => parse(createFamilySchema, input);

/** Puts tables under management, all or none. Touches nothing in the store. Parents before children. */
export async function createFamily(actor: Actor, input: CreateFamilyInput): Promise<DatasetDto[]> {
  authorize(actor, "dataset.write");
  const { storeId, members } = parseMembers(input);
  const store = await findStore(storeId);
  const tables = stored<StoredTable[]>(store.tables) ?? [];
  for (const member of members) checkMember(member, tables);
  const names = members.map((member) => member.name).join(", ");
  const ids = await withUniqueName(names, () =>
    db().$transaction(async (tx) => {
      const created = new Map<string, string>();
      for (const member of members) {
        const { id } = await tx.dataset.create({
          data: { storeId, ...rowOf(member), parentId: parentId(member, created) },
          select: { id: true },
        });
        created.set(member.tableName, id);
        await writeAudit(tx, actor, {
          action: "dataset.create",
          subject: member.name,
          subjectId: id,
          details: {
            store: store.name,
            table: `${member.schemaName}.${member.tableName}`,
            preset: member.preset,
          },
        });
      }
      return [...created.values()];
    }),
  );
  return loadDatasets({ id: { in: ids } });
}

function checkMember(member: Member, tables: readonly StoredTable[]): void {
  const table = tables.find(({ ref }) => ref.schema === member.schemaName && ref.name === member.tableName);
  if (!table) throw noTable(`${member.schemaName}.${member.tableName}`);
  checkRoles(table, member.roles, member.parentTable !== null);
  if ((member.parentTable === null) === (member.parentLink === null)) return;
  const sentence = `${member.name} needs both a parent and the columns that lead to it, or neither.`;
  throw new AppError("bad_input", sentence, { key: "halfParent", fields: { parentTable: sentence } });
}

function parentId(member: Member, created: ReadonlyMap<string, string>): string | null {
  if (member.parentTable === null) return null;
  const found = created.get(member.parentTable);
  if (found) return found;
  const sentence = `${member.name} hangs on ${member.parentTable}, which is not among the tables before it.`;
  throw new AppError("bad_input", sentence, { key: "parentOrder", fields: { parentTable: sentence } });
}

const rowOf = (member: Member) =>
  ({
    name: member.name,
    schemaName: member.schemaName,
    tableName: member.tableName,
    preset: member.preset,
    roles: toJson(member.roles),
    keepDays: member.keepDays,
    ...(member.parentLink ? { parentLink: toJson(member.parentLink) } : {}),
  }) satisfies Partial<Prisma.DatasetUncheckedCreateInput>;

const noTable = (name: string): AppError => {
  const sentence = `${name} was not among the store's tables when they were listed last. Refresh the store and try again.`;
  return new AppError("bad_input", sentence, {
    key: "noTable",
    details: { name },
    fields: { tableName: sentence },
  });
};
