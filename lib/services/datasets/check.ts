import { blocksOf } from "@/lib/datasets/discovery";
import { classOf, columnsInRoles } from "@/lib/datasets/roles";
import { AppError } from "@/lib/errors";
import type { Roles } from "@/lib/schemas/dataset";
import type { StoredTable } from "@/lib/services/stores/stored-table";

/** Throws `bad_input` when a table cannot be a dataset, or when roles name columns that do not fit it. */
export function checkRoles(table: StoredTable, roles: Roles, viaParent: boolean): void {
  const name = `${table.ref.schema}.${table.ref.name}`;
  const stop = blocksOf(table, roles, viaParent).find((block) => block.severity === "stop");
  if (stop) {
    throw new AppError(
      "bad_input",
      `${name} is a ${stop.key}; only tables can be datasets. Nothing was saved.`,
      {
        key: `tableIs.${stop.key}`,
        details: { name },
        fields: { tableName: `${name} is a ${stop.key}` },
      },
    );
  }
  const types = new Map(table.columns.map((column) => [column.name, column.type]));
  const fields: Record<string, string> = {};
  for (const { role, column } of columnsInRoles(roles)) {
    if (!types.has(column)) fields[`roles.${role}`] ??= `${name} has no column "${column}".`;
  }
  const wrong = timeProblem(roles, types);
  if (wrong) fields["roles.time"] ??= wrong;
  if (Object.keys(fields).length === 0) return;
  throw new AppError(
    "bad_input",
    `Some roles do not fit ${name}. Nothing was saved. ${Object.values(fields).join(" ")}`,
    {
      key: "badRoles",
      details: { name },
      fields,
    },
  );
}

function timeProblem(roles: Roles, types: ReadonlyMap<string, string>): string | null {
  if (!roles.time) return null;
  const { column, unit } = roles.time;
  const type = types.get(column);
  if (type === undefined) return null; // told above
  const found = classOf(type);
  const counted = unit === "s" || unit === "ms" || unit === "us";
  if (counted ? found === "integer" || found === "number" : found === unit) return null;
  return `"${column}" is ${type}; it cannot be read as ${unit}.`;
}
