import { StoreError } from "@/lib/errors";
import type { MyShape } from "@/lib/stores/mysql/describe";
import type { MyMember, MyScope } from "@/lib/stores/mysql/shapes";
import type { ForeignKey, TableRef } from "@/lib/stores/table";

const same = (a: TableRef, b: TableRef) => a.schema === b.schema && a.name === b.name;
const fullName = (ref: TableRef): string => `${ref.schema}.${ref.name}`;

/** Everything that must hold before a row may leave. */
export function requireMovable(scope: MyScope): void {
  requireKeys(scope);
  requireAllColumns(scope);
  refuseCascades(scope);
  for (const member of scope.members) requireTransactions(member.shape);
}

/** A table whose engine knows no transactions cannot give up rows safely: what was half done would stay so. */
export function requireTransactions(shape: MyShape): void {
  if (shape.transactional) return;
  const table = fullName(shape.ref);
  throw new StoreError(
    "refused",
    `${table} is kept by ${shape.engine || "an engine"}, which knows no transactions: a batch that breaks off would leave rows twice or not at all. Nothing was changed. Convert it first: ALTER TABLE … ENGINE = InnoDB.`,
    { key: "mysql.noTransactions", details: { table, engine: shape.engine } },
  );
}

/**
 * Deleting a row must not delete or change rows that do not go with it: a foreign key with ON DELETE CASCADE or
 * SET NULL would do so without a word, and without firing a trigger. Throws refused that names the child.
 */
function refuseCascades(scope: MyScope): void {
  for (const [index, member] of scope.members.entries()) {
    const bad = member.shape.incoming.find(
      (key) => key.onDelete !== "no action" && key.onDelete !== "restrict" && !goesAlong(scope, index, key),
    );
    if (!bad) continue;
    const child = fullName(bad.table);
    if (scope.members.some((other) => same(other.table, bad.table))) throw insideCascade(member.table, bad);
    throw new StoreError(
      "refused",
      `${child} hangs on ${fullName(member.table)} by ${bad.name} (on delete ${bad.onDelete}): removing rows here would change it too. Nothing was changed. Take ${child} into the family.`,
      {
        key: "mysql.cascade",
        details: { child, constraint: bad.name, onDelete: bad.onDelete, table: member.table.name },
      },
    );
  }
}

/** Whether the rows a foreign key points from are those that move with the row it points to. */
function goesAlong(scope: MyScope, parent: number, key: ForeignKey): boolean {
  return scope.members.some(
    ({ table, via }) =>
      via?.member === parent &&
      same(table, key.table) &&
      key.columns.includes(via.column) &&
      key.referencedColumns[key.columns.indexOf(via.column)] === via.parentColumn,
  );
}

function insideCascade(table: TableRef, key: ForeignKey): StoreError {
  const child = fullName(key.table);
  const column = key.columns.join(", ");
  return new StoreError(
    "refused",
    `${child} points at ${fullName(table)} by ${key.name} (${column}, on delete ${key.onDelete}): removing old rows here would change newer ones that stay. Nothing was changed. Make that foreign key ON DELETE NO ACTION, or drop it.`,
    {
      key: "mysql.cascadeInside",
      details: { child, constraint: key.name, column, onDelete: key.onDelete, table: table.name },
    },
  );
}

/** Deleting by no key at all, or by one that may be NULL, could hit another row or none. */
function requireKeys(scope: MyScope): void {
  for (const member of scope.members) {
    const table = fullName(member.table);
    const column = member.key.find(({ nullable }) => nullable);
    if (column) {
      throw new StoreError(
        "refused",
        `The column ${column.name} is named as part of the key of ${table} and may be NULL: such rows could not be found again. Nothing was changed. Name only columns that are NOT NULL as the key.`,
        { key: "mysql.keyNullable", details: { table, column: column.name } },
      );
    }
    if (member.key.length === 0) throw noKey(member);
  }
}

export const noKey = (member: MyMember) =>
  new StoreError(
    "refused",
    `${fullName(member.table)} has no key: its rows cannot be told apart. Nothing was changed. Add a primary key first.`,
    { key: "mysql.noKey", details: { table: fullName(member.table) } },
  );

/** A column that is not among those that are moved or were exported would be lost with its row. */
function requireAllColumns(scope: MyScope): void {
  for (const member of scope.members) {
    const lost = member.shape.columns.find((column) => !member.columns.includes(column));
    if (!lost) continue;
    const table = fullName(member.table);
    throw new StoreError(
      "stale_plan",
      `${table} has a column ${lost.name} that is not part of this operation: it came after the plan. Nothing was changed. Make a new plan.`,
      { key: "mysql.columnAdded", details: { table, column: lost.name } },
    );
  }
}

/** The server puts no value together that is longer than max_allowed_packet: no digest either. */
export const tooLong = ({ table }: Pick<MyMember, "table">, packetBytes: number) =>
  new StoreError(
    "refused",
    `${fullName(table)} has rows larger than the server's max_allowed_packet (${packetBytes} bytes; binary values count twice): it cannot prove them. Nothing was changed. Raise max_allowed_packet, or archive to cold storage.`,
    { key: "mysql.rowTooLong", details: { table: fullName(table), bytes: packetBytes } },
  );
