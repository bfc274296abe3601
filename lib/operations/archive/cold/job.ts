import { db } from "@/lib/control/database";
import { type ArchiveScope, archiveScope } from "@/lib/operations/archive/scope";
import type { StepContext } from "@/lib/operations/operation";
import { cannot, objectsOf, rowsOf } from "@/lib/operations/row-access";
import type { ArchiveParams } from "@/lib/schemas/plan";
import type { SegmentColumn } from "@/lib/segments/columns";
import { traitsOf } from "@/lib/stores/registry";
import type { RowAccess } from "@/lib/stores/rows";
import type { ObjectAccess, StoreTraits } from "@/lib/stores/store";
import type { TableShape } from "@/lib/stores/table";

/** Everything a window needs, opened once per run. */
export interface ColdJob extends ArchiveScope {
  context: StepContext;
  rows: RowAccess;
  /** How rows leave the source once they are proved; see `StoreTraits`. */
  leavesBy: StoreTraits["leavesBy"];
  objects: ObjectAccess;
  targetStoreId: string;
  /** Per member. */
  columns: SegmentColumn[][];
  storeVersion: string;
}

export async function openColdJob(context: StepContext, params: ArchiveParams): Promise<ColdJob> {
  if (params.target.tier !== "cold") throw new Error("an archive to cold has a store");
  const scope = await archiveScope(context, params);
  const { store } = scope.family;
  const { leavesBy } = traitsOf(store.kind);
  // What leaves by itself is only read.
  const source = await context.openStore(store.id, leavesBy === "delete" ? "write" : "read");
  const rows = rowsOf(source, store.name);
  if (leavesBy === "delete" && !rows.deleteRows) throw cannot(store.name, "deleteRows");
  const targetStoreId = params.target.storeId;
  const target = await db().store.findUniqueOrThrow({ where: { id: targetStoreId } });
  const objects = objectsOf(await context.openStore(targetStoreId, "write"), target.name);
  const columns: SegmentColumn[][] = [];
  for (const member of scope.hot.members)
    columns.push(segmentColumns(await rows.describe(member.table, context.signal)));
  // A store without a schema lays out what it reads as it was described: a segment has one set of columns.
  const members = scope.hot.members.map((member, at) => ({ ...member, layout: columns[at] ?? [] }));
  const hot = { ...scope.hot, members };
  const { version } = await source.check(context.signal);
  return { ...scope, hot, context, rows, leavesBy, objects, targetStoreId, columns, storeVersion: version };
}

const segmentColumns = (shape: TableShape): SegmentColumn[] =>
  shape.columns.map(({ name, physical, type, nullable }) => ({ name, physical, sourceType: type, nullable }));
