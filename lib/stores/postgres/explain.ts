import { instantIn } from "@/lib/stores/postgres/instant";
import { ident, literal, tableName } from "@/lib/stores/postgres/sql";
import type { FamilyMember, FamilyScope } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

/**
 * The statements of an operation as a person reads them: the columns and the digests are left out, the slice is
 * written as :after and :end, and children stand before their parents, in the order they run.
 */
export function explainStatements(
  scope: FamilyScope,
  what: "move" | "export" | "delete" | "restore",
  targets: readonly TableRef[],
): string[] {
  const order = scope.members.map((_, index) => index);
  if (what !== "export" && what !== "restore") order.reverse();
  return order.map((index) => statement(scope, index, what, targets[index]));
}

function statement(scope: FamilyScope, index: number, what: string, target: TableRef | undefined): string {
  const member = scope.members[index];
  if (!member) return "";
  const table = tableName(member.table);
  const where = condition(scope, index);
  const into = target ? tableName(target) : "…";
  const key = member.key.map(ident).join(", ");
  switch (what) {
    case "move":
      return `WITH d AS (DELETE FROM ${table} WHERE ${where} RETURNING *) INSERT INTO ${into} SELECT * FROM d`;
    case "export":
      return `COPY (SELECT *, md5(…) FROM ${table} WHERE ${where} ORDER BY ${order(scope, index)}) TO STDOUT (FORMAT binary)`;
    case "delete":
      return `DELETE FROM ${table} WHERE (${key}) IN (:exported keys) -- locked, and equal by md5(…) to what was exported`;
    default:
      return `INSERT INTO ${target ? into : table} SELECT … FROM unnest(:rows) ON CONFLICT (${key}) DO NOTHING RETURNING md5(…)`;
  }
}

const order = (scope: FamilyScope, index: number): string => {
  const key = scope.members[index]?.key ?? [];
  const names = index === 0 ? [scope.time.column, ...key.filter((name) => name !== scope.time.column)] : key;
  return names.map(ident).join(", ");
};

function condition(scope: FamilyScope, index: number): string {
  const member: FamilyMember | undefined = scope.members[index];
  const via = member?.via;
  if (!member || !via) return rootCondition(scope);
  const parent = scope.members[via.member];
  if (!parent) return rootCondition(scope);
  return `${ident(via.column)} IN (SELECT ${ident(via.parentColumn)} FROM ${tableName(parent.table)} WHERE ${condition(scope, via.member)})`;
}

function rootCondition(scope: FamilyScope): string {
  const time = ident(scope.time.column);
  const bound = (us: bigint) => {
    const text = instantIn(scope.time.unit, us);
    return ["s", "ms", "us"].includes(scope.time.unit) ? text : literal(text);
  };
  const parts: string[] = [];
  if (scope.fromUs !== null) parts.push(`${time} >= ${bound(scope.fromUs)}`);
  if (scope.untilUs !== null) parts.push(`${time} < ${bound(scope.untilUs)}`);
  const names = order(scope, 0);
  return [...parts, `(${names}) > :after`, `(${names}) <= :end`].join(" AND ");
}
