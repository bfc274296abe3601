import { StoreError } from "@/lib/errors";
import type { MyHandle, RunOptions, Session } from "@/lib/stores/mysql/client";
import { describeTable, type MyShape, tableMissing } from "@/lib/stores/mysql/describe";
import { errorNumber } from "@/lib/stores/mysql/errors";
import type { MyColumn } from "@/lib/stores/mysql/mapper";
import { tableName } from "@/lib/stores/mysql/sql";
import type { FamilyMember, FamilyScope } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

interface Entry {
  shape: MyShape;
  version: string;
  at: number;
}

/** What the table's own DDL does not tell (foreign keys of others) is looked at again this often. */
const MAX_AGE_MS = 20_000;

/** Shapes of the tables a handle works on: read once, and again as soon as the table's DDL says otherwise. */
export class Shapes {
  private readonly entries = new Map<string, Entry>();

  async of(session: Session, ref: TableRef): Promise<MyShape> {
    const id = JSON.stringify([ref.schema, ref.name]);
    const version = await ddlOf(session, ref);
    const held = this.entries.get(id);
    if (held && held.version === version && Date.now() - held.at < MAX_AGE_MS) return held.shape;
    const shape = await describeTable(session, ref);
    this.entries.set(id, { shape, version, at: Date.now() });
    return shape;
  }

  /** The shape as last seen, without asking the catalogue: for reads that fail harmlessly when it is outdated. */
  async remembered(session: Session, ref: TableRef): Promise<MyShape> {
    return this.entries.get(JSON.stringify([ref.schema, ref.name]))?.shape ?? this.of(session, ref);
  }

  forget(): void {
    this.entries.clear();
  }
}

/** The table's DDL without its counter. The look at it keeps it from being altered until the transaction ends. */
async function ddlOf(session: Session, ref: TableRef): Promise<string> {
  try {
    await session.query(`SELECT 1 FROM ${tableName(ref)} LIMIT 0`);
    const [row] = await session.raw(`SHOW CREATE TABLE ${tableName(ref)}`);
    return (row?.[1]?.toString("utf8") ?? "").replace(/ AUTO_INCREMENT=\d+/, "");
  } catch (error) {
    // 1049: no such database; 1146: no such table.
    if ([1049, 1146].includes(errorNumber(error) ?? 0)) throw tableMissing(ref);
    throw error;
  }
}

/** A member with everything its statements need. */
export interface MyMember {
  table: TableRef;
  shape: MyShape;
  /** In the order of digests and segments. */
  columns: readonly MyColumn[];
  key: readonly MyColumn[];
  via: FamilyMember["via"];
}

export interface MyScope extends Omit<FamilyScope, "members"> {
  members: readonly [MyMember, ...MyMember[]];
}

/** Throws stale_plan when the table has lost a column. */
export function columnOf(shape: MyShape, name: string): MyColumn {
  const column = shape.columns.find((one) => one.name === name);
  if (column) return column;
  const table = `${shape.ref.schema}.${shape.ref.name}`;
  throw new StoreError(
    "stale_plan",
    `The table ${table} has no column ${name}: it was altered. Nothing was changed.`,
    { key: "mysql.columnMissing", details: { table, column: name } },
  );
}

export async function resolveMember(
  session: Session,
  shapes: Shapes,
  member: FamilyMember,
): Promise<MyMember> {
  const shape = await shapes.of(session, member.table);
  const columns =
    member.columns.length === 0 ? shape.columns : member.columns.map((name) => columnOf(shape, name));
  const key = member.key.map((name) => columnOf(shape, name));
  return { table: member.table, shape, columns, key, via: member.via };
}

export async function resolveScope(session: Session, shapes: Shapes, scope: FamilyScope): Promise<MyScope> {
  const members: MyMember[] = [];
  for (const member of scope.members) members.push(await resolveMember(session, shapes, member));
  const [root, ...rest] = members;
  if (!root) throw new StoreError("bad_input", "A family needs at least its root table.");
  return { ...scope, members: [root, ...rest] };
}

export async function withScope<T>(
  handle: MyHandle,
  shapes: Shapes,
  scope: FamilyScope,
  options: RunOptions,
  work: (session: Session, scope: MyScope) => Promise<T>,
): Promise<T> {
  return handle.run(options, async (session) => work(session, await resolveScope(session, shapes, scope)));
}

export function memberAt(scope: MyScope, index: number): MyMember {
  const member = scope.members[index];
  if (!member) throw new RangeError(`The family has no member ${index}`);
  return member;
}
