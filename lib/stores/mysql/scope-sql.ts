import type { Cursor, RowKey } from "@/lib/stores/batch";
import { instantIn, isClock } from "@/lib/stores/mysql/instant";
import { literalOf, type MyColumn } from "@/lib/stores/mysql/mapper";
import { columnOf, type MyMember, type MyScope, memberAt } from "@/lib/stores/mysql/shapes";
import { col, ident, literal, tableName } from "@/lib/stores/mysql/sql";

/** A slice of the root: after and up to are cursors. */
export interface Slice {
  after: Cursor | null;
  upTo: Cursor | null;
}

/** Time, then key: the order of everything. A time column that is part of the key is named once. */
export function orderColumns(scope: Pick<MyScope, "members" | "time">): MyColumn[] {
  const [root] = scope.members;
  const time = columnOf(root.shape, scope.time.column);
  return [time, ...root.key.filter((column) => column.name !== time.name)];
}

export const orderBy = (columns: readonly MyColumn[], alias: string, direction = ""): string =>
  columns.map((column) => `${col(alias, column.name)}${direction}`).join(", ");

/**
 * `(t, k1, k2) > (…)` written out: neither server uses an index for a comparison of rows, but both do for
 * `t > x OR (t = x AND k > y)`.
 */
export function compareRow(
  columns: readonly MyColumn[],
  alias: string,
  operator: "<" | "<=" | ">" | ">=",
  cursor: Cursor,
): string {
  const strict = operator.slice(0, 1);
  const alternatives = columns.map((column, at) => {
    const last = at === columns.length - 1;
    const equal = columns.slice(0, at).map((one, before) => compare(one, alias, "=", cursor[before] ?? ""));
    return [...equal, compare(column, alias, last ? operator : strict, cursor[at] ?? "")].join(" AND ");
  });
  return `(${alternatives.map((one) => `(${one})`).join(" OR ")})`;
}

const compare = (column: MyColumn, alias: string, operator: string, text: string): string =>
  `${col(alias, column.name)} ${operator} ${literalOf(column, text)}`;

/** The condition on the root's time: on the raw column, so that an index serves it. NULL and zero dates are in no scope. */
export function timeRange(
  scope: Pick<MyScope, "time" | "fromUs" | "untilUs">,
  column: MyColumn,
  alias: string,
): string[] {
  const name = col(alias, column.name);
  const { unit } = scope.time;
  const bound = (us: bigint) => {
    const { text, beyond } = instantIn(unit, column, us);
    return { sql: isClock(unit) ? literal(text) : text, beyond };
  };
  const parts: string[] = [];
  // Zero dates and years before 1000 are below every bound.
  const from = bound(scope.fromUs ?? -(10n ** 18n));
  if (scope.fromUs !== null || isClock(unit)) {
    parts.push(from.beyond === "above" ? "FALSE" : `${name} >= ${from.sql}`);
  } else parts.push(`${name} IS NOT NULL`);
  if (scope.untilUs !== null) {
    const until = bound(scope.untilUs);
    if (until.beyond === "below") parts.push("FALSE");
    else if (until.beyond === null) parts.push(`${name} < ${until.sql}`);
  }
  return parts;
}

/** Condition on the root table by its alias: in scope, and inside the slice. */
export function rootCondition(scope: MyScope, slice: Slice, alias: string): string {
  const order = orderColumns(scope);
  const [time] = order;
  const parts = time ? timeRange(scope, time, alias) : [];
  if (slice.after) parts.push(compareRow(order, alias, ">", slice.after));
  if (slice.upTo) parts.push(compareRow(order, alias, "<=", slice.upTo));
  return parts.join(" AND ");
}

/**
 * The root table by its alias, with the index that begins with the time where there is one: by statistics that are
 * half wrong the server would now and then read the whole table for one slice.
 */
export function rootTable(scope: MyScope, alias: string): string {
  const [root] = scope.members;
  const index = timeIndex(root, scope.time.column);
  return `${tableName(root.table)} ${alias}${index ? ` FORCE INDEX (${ident(index)})` : ""}`;
}

/** The index that serves the order best: it begins with the time, and goes on with the key where one does. */
export function timeIndex(root: MyMember, time: string): string | null {
  const wanted = [time, ...root.key.map(({ name }) => name).filter((name) => name !== time)];
  const usable = root.shape.indexes.filter(
    ({ method, columns }) => method === "btree" && columns[0] === time,
  );
  const shared = (columns: readonly string[]) => {
    const differs = columns.findIndex((name, at) => name !== wanted[at]);
    return differs < 0 ? columns.length : differs;
  };
  // An index on the time alone ends with the primary key; one that goes on with something else does not.
  const rank = (columns: readonly string[]) =>
    shared(columns) === columns.length ? 100 + columns.length : shared(columns);
  return usable.sort((a, b) => rank(b.columns) - rank(a.columns))[0]?.name ?? null;
}

/** Condition on a member by its alias: it hangs, over any number of parents, on a root row of the slice. */
export function memberCondition(scope: MyScope, index: number, slice: Slice, alias: string): string {
  const member = memberAt(scope, index);
  if (index === 0 || !member.via) return rootCondition(scope, slice, alias);
  const parent = memberAt(scope, member.via.member);
  const up = `p${index}`;
  const table = member.via.member === 0 ? rootTable(scope, up) : `${tableName(parent.table)} ${up}`;
  const inner = memberCondition(scope, member.via.member, slice, up);
  return `${col(alias, member.via.column)} IN (SELECT ${parentValue(member, parent, up)} FROM ${table} WHERE ${inner})`;
}

/** The member's table by its alias; the root's with its index. */
export const memberTable = (scope: MyScope, index: number, alias: string): string =>
  index === 0 ? rootTable(scope, alias) : `${tableName(memberAt(scope, index).table)} ${alias}`;

/**
 * Joins from a member `alias` up to the root, which goes by `r`: with the index of its time where a slice is asked
 * for, without it where keys are. Empty for the root itself.
 */
export function joinUp(scope: MyScope, index: number, alias: string, by: "time" | "key"): string {
  const member = memberAt(scope, index);
  if (!member.via) return "";
  const parent = memberAt(scope, member.via.member);
  const up = member.via.member === 0 ? "r" : `m${member.via.member}`;
  const on = `${col(alias, member.via.column)} = ${parentValue(member, parent, up)}`;
  const table =
    by === "time" ? memberTable(scope, member.via.member, up) : `${tableName(parent.table)} ${up}`;
  return ` JOIN ${table} ON ${on}${joinUp(scope, member.via.member, up, by)}`;
}

/** The parent's value in the character set and collation of the link: else the link's index could not be used. */
function parentValue(member: MyMember, parent: MyMember, up: string): string {
  const link = columnOf(member.shape, member.via?.column ?? "");
  const target = columnOf(parent.shape, member.via?.parentColumn ?? "");
  const value = col(up, target.name);
  if (!link.collation || !target.collation || link.collation === target.collation) return value;
  return `CONVERT(${value} USING ${link.charset}) COLLATE ${link.collation}`;
}

/**
 * The member's table by its alias, for lists of keys: with the index that is the key. A scan instead would also lock
 * what others are at work on.
 */
export function keyedTable(member: MyMember, alias: string): string {
  const names = new Set(member.key.map(({ name }) => name));
  const index = member.shape.indexes.find(
    ({ unique, columns }) =>
      unique && columns.length === names.size && columns.every((name) => names.has(name)),
  );
  return `${tableName(member.table)} ${alias}${index ? ` FORCE INDEX (${ident(index.name)})` : ""}`;
}

/** Most keys of one list. */
export const KEYS_PER_LIST = 1_000;

/** `k IN (…)`, or for a key of several columns the list of its parts. */
export function keysCondition(key: readonly MyColumn[], keys: readonly RowKey[], alias: string): string {
  const [only] = key;
  if (keys.length === 0 || !only) return "FALSE";
  if (key.length === 1)
    return `${col(alias, only.name)} IN (${keys.map((one) => literalOf(only, one[0] ?? "")).join(", ")})`;
  const one = (values: RowKey) =>
    key.map((column, at) => compare(column, alias, "=", values[at] ?? "")).join(" AND ");
  return `(${keys.map((values) => `(${one(values)})`).join(" OR ")})`;
}

export function* chunks<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

export const columnList = (columns: readonly MyColumn[]): string =>
  columns.map((column) => ident(column.name)).join(", ");

/** One string per key, for maps. */
export const keyId = (key: RowKey): string => (key.length === 1 ? (key[0] ?? "") : JSON.stringify(key));
