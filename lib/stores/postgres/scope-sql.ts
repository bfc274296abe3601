import type { Cursor } from "@/lib/stores/batch";
import { instantIn } from "@/lib/stores/postgres/instant";
import type { PgColumn } from "@/lib/stores/postgres/mapper";
import { columnOf, type PgMember, type PgScope } from "@/lib/stores/postgres/shapes";
import { col, ident, tableName, type Values } from "@/lib/stores/postgres/sql";

/** A slice of the root: after and up to are cursors. */
export interface Slice {
  after: Cursor | null;
  upTo: Cursor | null;
}

/** Time, then key: the order of everything. A time column that is part of the key is named once. */
export function orderColumns(scope: PgScope): PgColumn[] {
  const [root] = scope.members;
  const time = columnOf(root.shape, scope.time.column);
  return [time, ...root.key.filter((column) => column.name !== time.name)];
}

export const orderBy = (columns: readonly PgColumn[], alias: string, direction = ""): string =>
  columns.map((column) => `${col(alias, column.name)}${direction}`).join(", ");

/** `(t, k1, k2) > ($1::t, …)`: one row comparison, which an index on (t, k1, k2) serves. */
export function compareRow(
  columns: readonly PgColumn[],
  alias: string,
  operator: "<" | "<=" | ">" | ">=",
  cursor: Cursor,
  values: Values,
): string {
  const left = columns.map((column) => col(alias, column.name));
  const right = columns.map((column, at) => `${values.text(cursor[at] ?? "")}::${column.castType}`);
  return `(${left.join(", ")}) ${operator} (${right.join(", ")})`;
}

/** The condition on the root's time: on the raw column, so that an index serves it. NULL is in no scope. */
export function timeRange(
  scope: Pick<PgScope, "time" | "fromUs" | "untilUs">,
  column: PgColumn,
  alias: string,
  values: Values,
): string[] {
  const name = col(alias, column.name);
  // A numeric bound beyond int4 is an error for an int4 column and none for a bigint.
  const type = ["int2", "int4", "int8"].includes(column.baseType) ? "bigint" : column.castType;
  const bound = (us: bigint) => `${values.text(instantIn(scope.time.unit, us))}::${type}`;
  const parts: string[] = [];
  const clock = ["timestamp", "timestamptz", "date"].includes(scope.time.unit);
  // Rows at an infinite time lie in no month, as those at NULL: they are in no scope.
  if (scope.fromUs !== null) parts.push(`${name} >= ${bound(scope.fromUs)}`);
  else if (clock) parts.push(`${name} > '-infinity'`);
  if (scope.untilUs !== null) parts.push(`${name} < ${bound(scope.untilUs)}`);
  else if (clock) parts.push(`${name} < 'infinity'`);
  if (parts.length === 0) parts.push(`${name} IS NOT NULL`);
  return parts;
}

/** Condition on the root table by its alias: in scope, and inside the slice. */
export function rootCondition(scope: PgScope, slice: Slice, alias: string, values: Values): string {
  const order = orderColumns(scope);
  const [time] = order;
  const parts = time ? timeRange(scope, time, alias, values) : [];
  if (slice.after) parts.push(compareRow(order, alias, ">", slice.after, values));
  if (slice.upTo) parts.push(compareRow(order, alias, "<=", slice.upTo, values));
  return parts.join(" AND ");
}

/** Condition on a member by its alias: it hangs, over any number of parents, on a root row of the slice. */
export function memberCondition(
  scope: PgScope,
  index: number,
  slice: Slice,
  alias: string,
  values: Values,
): string {
  const member = memberAt(scope, index);
  if (index === 0 || !member.via) return rootCondition(scope, slice, alias, values);
  const parent = memberAt(scope, member.via.member);
  const link = columnOf(member.shape, member.via.column);
  const target = columnOf(parent.shape, member.via.parentColumn);
  const up = `p${index}`;
  const value = col(up, target.name);
  const cast = target.castType === link.castType ? value : `${value}::${link.castType}`;
  return `${col(alias, link.name)} IN (SELECT ${cast} FROM ${tableName(parent.table)} ${up} WHERE ${memberCondition(scope, member.via.member, slice, up, values)})`;
}

export function memberAt(scope: PgScope, index: number): PgMember {
  const member = scope.members[index];
  if (!member) throw new RangeError(`The family has no member ${index}`);
  return member;
}

export const columnList = (columns: readonly PgColumn[]): string =>
  columns.map((column) => ident(column.name)).join(", ");
