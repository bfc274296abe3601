import { type Db, db } from "@/lib/control/database";
import type { Dataset, Store as StoreRow } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";
import { parentLinkSchema, type Roles, rolesSchema } from "@/lib/schemas/dataset";
import type { FamilyMember, FamilyScope } from "@/lib/stores/rows";
import type { TableRef, TimeColumn } from "@/lib/stores/table";

export interface FamilyDataset {
  datasetId: string;
  name: string;
  table: TableRef;
  archive: TableRef;
  roles: Roles;
  key: readonly string[];
  via: FamilyMember["via"];
  coldStoreId: string | null;
}

/** A dataset with all that hangs on it, parents before children, as the control DB knows it. */
export interface Family {
  root: FamilyDataset;
  store: StoreRow;
  members: readonly FamilyDataset[];
  time: TimeColumn | null;
}

export interface Range {
  fromUs: bigint | null;
  untilUs: bigint | null;
}

/** Throws not_found, and bad_input when the dataset is itself a member of a larger family. */
export async function loadFamily(datasetId: string, on: Db = db()): Promise<Family> {
  const root = await on.dataset.findUnique({
    where: { id: datasetId },
    include: { store: true, parent: true },
  });
  if (!root) throw missingDataset(datasetId);
  if (root.parent) throw partOfFamily(root.name, root.parent.name);
  const { store, ...dataset } = root;
  const all = await on.dataset.findMany({ where: { storeId: root.storeId }, orderBy: { name: "asc" } });
  const ordered = withDescendants(dataset, all);
  const index = new Map(ordered.map((member, at) => [member.id, at]));
  const members = ordered.map((member) => asMember(member, index));
  const first = members[0];
  if (!first) throw missingDataset(datasetId);
  return { root: first, store, members, time: first.roles.time };
}

/** One dataset alone, whatever family it belongs to. */
export async function loadDataset(datasetId: string, on: Db = db()): Promise<Omit<Family, "members">> {
  const row = await on.dataset.findUnique({ where: { id: datasetId }, include: { store: true } });
  if (!row) throw missingDataset(datasetId);
  const { store, ...dataset } = row;
  const root = asMember({ ...dataset, parentId: null }, new Map());
  return { root, store, time: root.roles.time };
}

/** Ids of all datasets that belong to one family with this one, whichever member is given. */
export async function familyIds(datasetId: string, on: Db = db()): Promise<string[]> {
  let top = await on.dataset.findUnique({ where: { id: datasetId } });
  if (!top) throw missingDataset(datasetId);
  for (let depth = 0; top.parentId && depth < 16; depth += 1) {
    const above: Dataset | null = await on.dataset.findUnique({ where: { id: top.parentId } });
    if (!above) break;
    top = above;
  }
  const all = await on.dataset.findMany({ where: { storeId: top.storeId } });
  return withDescendants(top, all).map((member) => member.id);
}

function withDescendants(root: Dataset, all: readonly Dataset[]): Dataset[] {
  const found = [root];
  for (let at = 0; at < found.length; at += 1) {
    const parentId = found[at]?.id;
    found.push(...all.filter((one) => one.parentId === parentId && !found.includes(one)));
  }
  return found;
}

function asMember(row: Dataset, index: ReadonlyMap<string, number>): FamilyDataset {
  const roles = rolesSchema.parse(row.roles);
  return {
    datasetId: row.id,
    name: row.name,
    table: { schema: row.schemaName, name: row.tableName },
    archive: {
      schema: row.archiveSchema ?? row.schemaName,
      name: row.archiveTable ?? `${row.tableName}_archive`,
    },
    roles,
    key: roles.key,
    via: viaOf(row, index),
    coldStoreId: row.coldStoreId,
  };
}

function viaOf(row: Dataset, index: ReadonlyMap<string, number>): FamilyMember["via"] {
  const member = row.parentId === null ? undefined : index.get(row.parentId);
  if (member === undefined) return null;
  return { member, ...parentLinkSchema.parse(row.parentLink) };
}

/** The rows of a family in a range, in the hot tables or in the archive tables. Throws bad_input without a time column. */
export function familyScope(family: Family, tier: "hot" | "archive", range: Range): FamilyScope {
  if (!family.time) throw noTime(family.root.name);
  const members = family.members.map(
    (member): FamilyMember => ({
      table: tier === "hot" ? member.table : member.archive,
      key: member.key,
      columns: [],
      via: member.via,
    }),
  );
  return { members, time: family.time, ...range };
}

/** One table alone, all of its rows: for exact counts, also where it has no time column. */
export function tableScope(dataset: FamilyDataset, tier: "hot" | "archive"): FamilyScope {
  const table = tier === "hot" ? dataset.table : dataset.archive;
  // A key is never NULL and an open range asks for nothing else, so every row counts, whatever its time.
  const time: TimeColumn = { column: dataset.key[0] ?? dataset.roles.time?.column ?? "", unit: "us" };
  return {
    members: [{ table, key: dataset.key, columns: [], via: null }],
    time,
    fromUs: null,
    untilUs: null,
  };
}

export const archiveTables = (family: Family): TableRef[] => family.members.map((member) => member.archive);
export const hotTables = (family: Family): TableRef[] => family.members.map((member) => member.table);

function missingDataset(datasetId: string): AppError {
  return new AppError(
    "not_found",
    "This dataset is not under management any more. Its table is not touched.",
    {
      key: "datasetMissing",
      details: { datasetId },
    },
  );
}

function partOfFamily(name: string, parent: string): AppError {
  return new AppError(
    "bad_input",
    `${name} moves together with ${parent}: its rows belong to rows there. Nothing was changed. Do it on ${parent}.`,
    { key: "partOfFamily", details: { name, parent }, fields: { datasetId: `${name} moves with ${parent}` } },
  );
}

function noTime(name: string): AppError {
  return new AppError(
    "bad_input",
    `${name} has no time column, so Strata cannot tell old rows from new ones. Nothing was changed. Name one under Columns and roles.`,
    { key: "noTimeColumn", details: { name }, fields: { cutoff: `${name} has no time column` } },
  );
}
