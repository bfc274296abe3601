import { identifier } from "@/lib/stores/logstore/literal";
import { tableName } from "@/lib/stores/logstore/sql";
import type { FamilyScope } from "@/lib/stores/rows";

/** The statements an operation would run, for a plan. Rows are never deleted and never moved inside the service. */
export function explainStatements(
  { members: [member], time }: FamilyScope,
  what: "move" | "export" | "delete" | "restore",
): string[] {
  if (!member || what === "move" || what === "delete") return [];
  const name = tableName(member.table);
  if (what === "restore") return [`INSERT INTO ${name} (…) VALUES (…), (…)`];
  const key = member.key.map(identifier).join(", ");
  const at = identifier(time.column);
  const order = [at, key].join(", ");
  return [
    `SELECT … FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY ${key} ORDER BY log_version DESC) AS rn FROM ${name} WHERE ${at} >= … AND ${at} < …) AS v WHERE rn = 1 AND (${order}) > (…) ORDER BY ${order} LIMIT …`,
  ];
}
