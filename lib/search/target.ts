import { db } from "@/lib/control/database";
import { type Roles, rolesSchema } from "@/lib/schemas/dataset";
import type { SearchInput } from "@/lib/schemas/search";
import { traitsOf } from "@/lib/stores/registry";
import type { StoreTraits } from "@/lib/stores/store";
import type { TableRef } from "@/lib/stores/table";

/** A dataset as the search sees it. */
export interface Target {
  datasetId: string;
  name: string;
  storeId: string;
  storeName: string;
  roles: Roles;
  hot: TableRef;
  /** `expiry`: rows lie hot and cold until the store drops them. */
  leavesBy: StoreTraits["leavesBy"];
}

const FILTERS = ["user", "model", "status", "tenant"] as const;

export interface Filter {
  role: (typeof FILTERS)[number];
  column: string;
  value: string;
}

/** Statistics of a dataset are large and not needed here. */
const NEEDED = {
  id: true,
  name: true,
  storeId: true,
  schemaName: true,
  tableName: true,
  roles: true,
  store: { select: { name: true, kind: true } },
} as const;

/** Datasets by id, or all of them, by name. Unknown ids are left out. */
export async function loadTargets(datasetIds: readonly string[] | undefined): Promise<Target[]> {
  const rows = await db().dataset.findMany({
    where: datasetIds ? { id: { in: [...datasetIds] } } : {},
    select: NEEDED,
    orderBy: { name: "asc" },
  });
  return rows.map(toTarget);
}

function toTarget(row: {
  id: string;
  name: string;
  storeId: string;
  schemaName: string;
  tableName: string;
  roles: unknown;
  store: { name: string; kind: string };
}): Target {
  return {
    datasetId: row.id,
    name: row.name,
    storeId: row.storeId,
    storeName: row.store.name,
    roles: rolesSchema.parse(row.roles),
    hot: { schema: row.schemaName, name: row.tableName },
    leavesBy: traitsOf(row.store.kind).leavesBy,
  };
}

/** The filters as columns of this dataset; null when it has no such column and so no row that could match. */
export function filtersOf(target: Target, input: SearchInput, terms: readonly string[]): Filter[] | null {
  const filters: Filter[] = [];
  for (const role of FILTERS) {
    const value = input[role];
    if (value === undefined || value === "") continue;
    const column = target.roles[role];
    if (!column) return null;
    filters.push({ role, column, value });
  }
  if ((input.from || input.until) && !target.roles.time) return null;
  if (terms.length > 0 && target.roles.text.length === 0) return null;
  return filters;
}

/** Whether anything beside words narrows the search. */
export const isNarrowed = (input: SearchInput): boolean =>
  FILTERS.some((role) => Boolean(input[role])) || Boolean(input.from) || Boolean(input.until);
