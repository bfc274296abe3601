import type { Batch, RowKey } from "@/lib/stores/batch";
import { BatchBuilder, emptyBatch, type RowLayout, selectList } from "@/lib/stores/mysql/batch-builder";
import type { MyHandle, Session } from "@/lib/stores/mysql/client";
import {
  keyedTable,
  keysCondition,
  memberCondition,
  memberTable,
  orderBy,
  orderColumns,
} from "@/lib/stores/mysql/scope-sql";
import { type MyScope, memberAt, resolveMember, resolveScope, type Shapes } from "@/lib/stores/mysql/shapes";
import type { FamilyMember, FamilyScope, ReadOptions } from "@/lib/stores/rows";

/** The rows `find` may be asked for at once. */
const MAX_FOUND = 1_000;

/**
 * Root rows in (time, key) order, rows of a member in key order. One statement, so one view of the data. The server
 * sends no faster than the consumer takes: a full batch stops the socket.
 */
export async function* readRows(
  handle: MyHandle,
  shapes: Shapes,
  family: FamilyScope,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  yield* handle.stream(signal, async function* (session) {
    const scope = await resolveScope(session, shapes, family);
    const { select, layout } = readStatement(scope, options);
    yield* batches(session, select, layout, options);
  });
}

export function readStatement(
  scope: MyScope,
  options: Pick<ReadOptions, "member" | "after" | "upTo" | "digests">,
): { select: string; layout: RowLayout } {
  const member = memberAt(scope, options.member);
  const order = options.member === 0 ? orderColumns(scope) : member.key;
  const layout = { columns: member.columns, cursor: order, digests: options.digests };
  const where = memberCondition(scope, options.member, options, "r");
  const sorted = order.length > 0 ? ` ORDER BY ${orderBy(order, "r")}` : "";
  return {
    select: `SELECT ${selectList(layout, "r")} FROM ${memberTable(scope, options.member, "r")} WHERE ${where}${sorted}`,
    layout,
  };
}

async function* batches(
  session: Session,
  select: string,
  layout: RowLayout,
  size: Pick<ReadOptions, "batchRows" | "batchBytes">,
): AsyncGenerator<Batch> {
  const builder = new BatchBuilder(layout, size.batchRows, size.batchBytes);
  let wake = Promise.withResolvers<void>();
  const rows = session.each(select, (row) => {
    builder.add(row);
    if (builder.ready.length === 0) return true;
    wake.resolve();
    return false;
  });
  let running = true;
  const ended = rows.ended.finally(() => {
    running = false;
    wake.resolve();
  });
  ended.catch(() => undefined);
  for (;;) {
    await wake.promise;
    for (let batch = builder.ready.shift(); batch; batch = builder.ready.shift()) yield batch;
    if (!running) break;
    wake = Promise.withResolvers<void>();
    rows.resume();
    // Packets that had arrived already are handled at once: they may have filled a batch, or ended the statement.
    if (builder.ready.length > 0 || !running) wake.resolve();
  }
  await ended;
  const last = builder.finish();
  if (last) yield last;
}

/** Whole rows by key, in the order of their keys; missing keys are left out. */
export async function findRows(
  handle: MyHandle,
  shapes: Shapes,
  wanted: FamilyMember,
  keys: readonly RowKey[],
  signal: AbortSignal,
): Promise<Batch> {
  return handle.run({ signal }, async (session) => {
    const member = await resolveMember(session, shapes, wanted);
    const layout = { columns: member.columns, cursor: member.key, digests: true };
    if (keys.length === 0 || member.key.length === 0) return emptyBatch(layout);
    const where = keysCondition(member.key, keys.slice(0, MAX_FOUND), "r");
    const select = `SELECT ${selectList(layout, "r")} FROM ${keyedTable(member, "r")} WHERE ${where} ORDER BY ${orderBy(member.key, "r")}`;
    const builder = new BatchBuilder(layout, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
    for (const row of await session.raw(select)) builder.add(row);
    return builder.finish() ?? emptyBatch(layout);
  });
}
