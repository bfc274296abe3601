import type { Batch, Cursor, RowKey } from "@/lib/stores/batch";
import { emptyBatch, type RowLayout, selectList } from "@/lib/stores/postgres/batch-builder";
import type { PgHandle, Session } from "@/lib/stores/postgres/client";
import { copyOut } from "@/lib/stores/postgres/copy-out";
import { joinKeys, keyLiterals } from "@/lib/stores/postgres/keys";
import { versionsOrigin } from "@/lib/stores/postgres/row-versions";
import {
  compareRow,
  memberAt,
  memberCondition,
  orderBy,
  orderColumns,
} from "@/lib/stores/postgres/scope-sql";
import { type PgScope, resolveMember, resolveScope, type Shapes } from "@/lib/stores/postgres/shapes";
import { literals, tableName } from "@/lib/stores/postgres/sql";
import type { FamilyMember, FamilyScope, ReadOptions } from "@/lib/stores/rows";

/** The rows `find` may be asked for at once. */
const MAX_FOUND = 1_000;

/**
 * Root rows in (time, key) order, rows of a member in key order. One statement, so one view of the data.
 * Lasts as long as the consumer takes: no statement timeout, only the signal.
 */
export async function* readRows(
  handle: PgHandle,
  shapes: Shapes,
  family: FamilyScope,
  options: ReadOptions & Pick<Reading, "afterRow">,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  yield* handle.stream({ signal }, async function* (session) {
    const { scope, versions } = await withVersions(session, shapes, family, options);
    const { select, layout } = readStatement(scope, { ...options, versions });
    yield* copyOut(session, select, layout, { rows: options.batchRows, bytes: options.batchBytes });
  });
}

/**
 * The origin must be older than the columns that are read: with a column that came in between, rows would be told to
 * be what was exported although that column was not.
 */
async function withVersions(session: Session, shapes: Shapes, family: FamilyScope, options: ReadOptions) {
  const before = await resolveScope(session, shapes, family);
  const member = memberAt(before, options.member);
  const versions = options.versions ? await versionsOrigin(session, member) : null;
  if (!versions) return { scope: before, versions };
  const scope = await resolveScope(session, shapes, family);
  return { scope, versions: memberAt(scope, options.member).shape === member.shape ? versions : null };
}

interface Reading extends Pick<ReadOptions, "member" | "after" | "upTo" | "digests"> {
  versions?: string | null;
  /** The `end` of a batch: only what comes after its last row, of the member that is read. */
  afterRow?: Cursor | null;
}

export function readStatement(scope: PgScope, options: Reading): { select: string; layout: RowLayout } {
  const member = memberAt(scope, options.member);
  const order = options.member === 0 ? orderColumns(scope) : member.key;
  const layout = {
    columns: member.columns,
    cursor: order,
    digests: options.digests,
    versions: options.versions,
  };
  const inSlice = memberCondition(scope, options.member, options, "r", literals());
  const rest = options.afterRow && [compareRow(order, "r", ">", options.afterRow, literals())];
  const where = [inSlice, ...(rest ?? [])].join(" AND ");
  const sorted = order.length > 0 ? ` ORDER BY ${orderBy(order, "r")}` : "";
  return {
    select: `SELECT ${selectList(layout, "r")} FROM ${tableName(member.table)} r WHERE ${where}${sorted}`,
    layout,
  };
}

/** Whole rows by key, in the order of their keys; missing keys are left out. */
export async function findRows(
  handle: PgHandle,
  shapes: Shapes,
  wanted: FamilyMember,
  keys: readonly RowKey[],
  signal: AbortSignal,
): Promise<Batch> {
  return handle.run({ signal }, async (session) => {
    const member = await resolveMember(session, shapes, wanted);
    const layout = { columns: member.columns, cursor: member.key, digests: true };
    if (keys.length === 0) return emptyBatch(layout);
    const source = keyLiterals(member.key, keys.slice(0, MAX_FOUND));
    const select = `SELECT ${selectList(layout, "r")} FROM ${source} JOIN ${tableName(member.table)} r ON ${joinKeys(member.key, "r", "u")} ORDER BY ${orderBy(member.key, "r")}`;
    return single(session, select, layout);
  });
}

async function single(session: Session, select: string, layout: RowLayout): Promise<Batch> {
  const size = { rows: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
  for await (const batch of copyOut(session, select, layout, size)) return batch;
  return emptyBatch(layout);
}
