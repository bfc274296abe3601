import { StoreError } from "@/lib/errors";
import type { PgHandle, Session } from "@/lib/stores/postgres/client";
import { describeTable, type PgShape } from "@/lib/stores/postgres/describe";
import type { PgColumn } from "@/lib/stores/postgres/mapper";
import type { FamilyMember, FamilyScope } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

interface Entry {
  shape: PgShape;
  version: string;
}

/**
 * Everything a batch relies on, in one small query: an altered column must not be read by its old type, and a
 * new one must not be left behind when its row moves.
 */
const VERSION_SQL = `
  SELECT c.oid::text || c.relkind::text || c.relrowsecurity::text || coalesce((
           SELECT string_agg(concat_ws(':', a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull, a.attgenerated), ',' ORDER BY a.attnum)
             FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '')
         || coalesce((SELECT string_agg(o.oid::text, ',' ORDER BY o.oid) FROM pg_constraint o WHERE o.confrelid = c.oid), '')
         || coalesce((SELECT string_agg(i.indexrelid::text || i.indisvalid, ',' ORDER BY i.indexrelid) FROM pg_index i WHERE i.indrelid = c.oid), '') AS version
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2`;

/** Shapes of the tables a handle works on: read once, and again as soon as the catalogue says otherwise. */
export class Shapes {
  private readonly entries = new Map<string, Entry>();

  async of(session: Session, ref: TableRef): Promise<PgShape> {
    const id = JSON.stringify([ref.schema, ref.name]);
    const [row] = await session.query(VERSION_SQL, [ref.schema, ref.name]);
    const version = row?.version ?? "";
    const held = this.entries.get(id);
    if (held && held.version === version) return held.shape;
    const shape = await describeTable(session, ref);
    this.entries.set(id, { shape, version });
    return shape;
  }

  /** The shape as last seen, without asking the catalogue: for reads that fail harmlessly when it is outdated. */
  async remembered(session: Session, ref: TableRef): Promise<PgShape> {
    return this.entries.get(JSON.stringify([ref.schema, ref.name]))?.shape ?? this.of(session, ref);
  }

  forget(): void {
    this.entries.clear();
  }
}

/** A member with everything its statements need. */
export interface PgMember {
  table: TableRef;
  shape: PgShape;
  /** In the order of digests and segments. */
  columns: readonly PgColumn[];
  key: readonly PgColumn[];
  via: FamilyMember["via"];
}

export interface PgScope extends Omit<FamilyScope, "members"> {
  members: readonly [PgMember, ...PgMember[]];
}

/** Throws stale_plan when the table has lost a column. */
export function columnOf(shape: PgShape, name: string): PgColumn {
  const column = shape.columns.find((one) => one.name === name);
  if (column) return column;
  throw new StoreError(
    "stale_plan",
    `The table ${shape.ref.schema}.${shape.ref.name} has no column ${name}: it was altered. Nothing was changed.`,
    {
      key: "postgres.columnMissing",
      details: { table: `${shape.ref.schema}.${shape.ref.name}`, column: name },
    },
  );
}

/** The place of a row in its heap: stands in for a key where there is none. */
export const PLACE: PgColumn = {
  name: "ctid",
  type: "tid",
  physical: "text",
  nullable: false,
  generated: "no",
  default: null,
  baseType: "tid",
  castType: "tid",
  variableWidth: false,
};

const keyOf = (shape: PgShape, key: readonly string[]): PgColumn[] => {
  if (key.length > 0) return key.map((name) => columnOf(shape, name));
  return shape.hasPlace ? [PLACE] : [];
};

export async function resolveMember(
  session: Session,
  shapes: Shapes,
  member: FamilyMember,
): Promise<PgMember> {
  const shape = await shapes.of(session, member.table);
  const columns =
    member.columns.length === 0 ? shape.columns : member.columns.map((name) => columnOf(shape, name));
  return { table: member.table, shape, columns, key: keyOf(shape, member.key), via: member.via };
}

export async function resolveScope(session: Session, shapes: Shapes, scope: FamilyScope): Promise<PgScope> {
  const members: PgMember[] = [];
  for (const member of scope.members) members.push(await resolveMember(session, shapes, member));
  const [root, ...rest] = members;
  if (!root) throw new StoreError("bad_input", "A family needs at least its root table.");
  return { ...scope, members: [root, ...rest] };
}

export async function withScope<T>(
  handle: PgHandle,
  shapes: Shapes,
  scope: FamilyScope,
  options: Parameters<PgHandle["run"]>[0],
  work: (session: Session, scope: PgScope) => Promise<T>,
): Promise<T> {
  return handle.run(options, async (session) => work(session, await resolveScope(session, shapes, scope)));
}
