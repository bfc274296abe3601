import { StoreError } from "@/lib/errors";
import type { Session } from "@/lib/stores/postgres/client";
import type { PgMember, PgScope } from "@/lib/stores/postgres/shapes";
import { tableName } from "@/lib/stores/postgres/sql";
import type { FamilyScope } from "@/lib/stores/rows";
import type { ForeignKey, TableRef } from "@/lib/stores/table";

const same = (a: TableRef, b: TableRef) => a.schema === b.schema && a.name === b.name;

/**
 * Deleting a row must not delete or change rows that do not go with it: a foreign key with ON DELETE CASCADE or
 * SET NULL would do so without a word, to rows of other tables, and inside the family to rows that hang on it by
 * another column (an answer to an older message of the same table). Throws refused that names the child.
 */
export function refuseCascades(scope: PgScope): void {
  for (const [index, member] of scope.members.entries()) {
    const bad = member.shape.incoming.find(
      (key) => key.onDelete !== "no action" && key.onDelete !== "restrict" && !goesAlong(scope, index, key),
    );
    if (!bad) continue;
    const child = `${bad.table.schema}.${bad.table.name}`;
    if (scope.members.some((other) => same(other.table, bad.table))) throw insideCascade(member.table, bad);
    throw new StoreError(
      "refused",
      `${child} hangs on ${member.table.schema}.${member.table.name} by ${bad.name} (on delete ${bad.onDelete}): removing rows here would change it too. Nothing was changed. Take ${child} into the family.`,
      {
        key: "postgres.cascade",
        details: { child, constraint: bad.name, onDelete: bad.onDelete, table: member.table.name },
      },
    );
  }
}

/** Whether the rows a foreign key points from are those that move with the row it points to. */
function goesAlong(scope: PgScope, parent: number, key: ForeignKey): boolean {
  return scope.members.some(
    ({ table, via }) =>
      via?.member === parent &&
      same(table, key.table) &&
      key.columns.includes(via.column) &&
      key.referencedColumns[key.columns.indexOf(via.column)] === via.parentColumn,
  );
}

function insideCascade(table: TableRef, key: ForeignKey): StoreError {
  const child = `${key.table.schema}.${key.table.name}`;
  const column = key.columns.join(", ");
  return new StoreError(
    "refused",
    `${child} points at ${table.schema}.${table.name} by ${key.name} (${column}, on delete ${key.onDelete}): removing old rows here would change newer ones that stay. Nothing was changed. Make that foreign key ON DELETE NO ACTION, or drop it.`,
    {
      key: "postgres.cascadeInside",
      details: { child, constraint: key.name, column, onDelete: key.onDelete, table: table.name },
    },
  );
}

/** Deleting by place or by no key at all could hit another row. */
export function requireKeys(scope: PgScope): void {
  for (const member of scope.members) {
    refuseNullKeys(member);
    if (member.key.length > 0 && member.key.every((column) => column.name !== "ctid")) continue;
    throw new StoreError(
      "refused",
      `${member.table.schema}.${member.table.name} has no key: its rows cannot be told apart. Nothing was changed. Add a primary key first.`,
      { key: "postgres.noKey", details: { table: `${member.table.schema}.${member.table.name}` } },
    );
  }
}

/** A NULL in a key equals nothing: its row would look as if it were gone, and stay beside its copy. */
function refuseNullKeys({ table, key }: PgMember): void {
  const column = key.find(({ nullable }) => nullable);
  if (!column) return;
  const name = `${table.schema}.${table.name}`;
  throw new StoreError(
    "refused",
    `The column ${column.name} is named as part of the key of ${name} and may be NULL: such rows could not be found again. Nothing was changed. Name only columns that are NOT NULL as the key.`,
    { key: "postgres.keyNullable", details: { table: name, column: column.name } },
  );
}

/** Keeps the tables from being altered until the transaction ends; call it before their shapes are read. */
export async function lockShapes(session: Session, scope: FamilyScope): Promise<void> {
  const tables = scope.members.map((member) => tableName(member.table));
  await session.query(`LOCK TABLE ${tables.join(", ")} IN ROW EXCLUSIVE MODE`);
  for (const { table } of scope.members) await refuseHeirs(session, table);
}

/** A column that a table which inherits from this one has besides: a row deleted through its parent would lose it. */
const HEIRS_SQL = `
  WITH RECURSIVE heirs AS (
    SELECT i.inhrelid AS oid FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhparent JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind = 'r'
    UNION SELECT i.inhrelid FROM heirs JOIN pg_inherits i ON i.inhparent = heirs.oid)
  SELECT n.nspname || '.' || c.relname AS heir, a.attname AS column
    FROM heirs JOIN pg_class c USING (oid) JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
   WHERE NOT EXISTS (SELECT FROM pg_attribute p JOIN pg_class pc ON pc.oid = p.attrelid JOIN pg_namespace pn ON pn.oid = pc.relnamespace
                      WHERE pn.nspname = $1 AND pc.relname = $2 AND p.attname = a.attname) LIMIT 1`;

async function refuseHeirs(session: Session, table: TableRef): Promise<void> {
  const [found] = await session.query(HEIRS_SQL, [table.schema, table.name]);
  if (!found) return;
  const { heir, column } = found;
  const name = `${table.schema}.${table.name}`;
  throw new StoreError(
    "refused",
    `${heir} inherits from ${name} and has a column ${column} of its own: it would be lost when its rows are removed through ${name}. Nothing was changed. Manage ${heir} as a dataset of its own, or end the inheritance.`,
    { key: "postgres.heirs", details: { table: name, heir, column } },
  );
}

/** A column that is not among those that are moved or were exported would be lost with its row. */
export function requireAllColumns(scope: PgScope): void {
  for (const member of scope.members) {
    const lost = member.shape.columns.find((column) => !member.columns.includes(column));
    if (!lost) continue;
    const table = `${member.table.schema}.${member.table.name}`;
    throw new StoreError(
      "stale_plan",
      `${table} has a column ${lost.name} that is not part of this operation: it came after the plan. Nothing was changed. Make a new plan.`,
      { key: "postgres.columnAdded", details: { table, column: lost.name } },
    );
  }
}
