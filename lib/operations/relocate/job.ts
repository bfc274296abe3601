import { z } from "zod";
import { db } from "@/lib/control/database";
import { type Family, loadFamily } from "@/lib/datasets/family";
import { AppError } from "@/lib/errors";
import { coldCursorSchema } from "@/lib/operations/archive/cold/cursor";
import { objectsOf } from "@/lib/operations/row-access";
import { ENDED_STATES } from "@/lib/schemas/operation";
import type { RelocateParams } from "@/lib/schemas/plan";
import { manifestSchema } from "@/lib/segments/manifest";
import type { Manifest } from "@/lib/segments/segment";
import type { ObjectAccess, Store } from "@/lib/stores/store";

/** A segment to move, with the member of the family it belongs to. */
export interface Move {
  segmentId: string;
  member: number;
  manifest: Manifest;
  /** Where the catalogue says it is. */
  storeId: string;
  missing: boolean;
}

/**
 * Committed segments of a family in one store, oldest first; of the given ids alone where ids are given. Without those
 * of archives that ended half-way: the next archive finds them where that one had put them, and brings them to an end.
 */
export async function movesOf(
  family: Family,
  storeIds: readonly string[],
  segmentIds?: readonly string[],
): Promise<Move[]> {
  const index = new Map(family.members.map((member, at) => [member.datasetId, at]));
  const unsettled = segmentIds ? new Set<string>() : await unsettledIds(family);
  const rows = await db().segment.findMany({
    where: {
      datasetId: { in: [...index.keys()] },
      storeId: { in: [...storeIds] },
      state: "committed",
      ...(segmentIds && { id: { in: [...segmentIds] } }),
    },
    orderBy: [{ minTime: "asc" }, { id: "asc" }],
  });
  const settled = rows.filter(({ id }) => !unsettled.has(id));
  return settled.map((row) => ({
    segmentId: row.id,
    member: index.get(row.datasetId) ?? 0,
    manifest: manifestSchema.parse(row.manifest),
    storeId: row.storeId,
    missing: row.missingSince !== null,
  }));
}

const half = z.object({ moveSegments: coldCursorSchema });

async function unsettledIds(family: Family): Promise<Set<string>> {
  const archives = await db().operation.findMany({
    where: { datasetId: family.root.datasetId, kind: "archive", state: { in: [...ENDED_STATES] } },
    select: { cursor: true },
  });
  return new Set(
    archives.flatMap(({ cursor }) => {
      const pending = half.safeParse(cursor).data?.moveSegments.pending ?? [];
      return pending.flatMap(({ segmentIds }) => segmentIds);
    }),
  );
}

export interface RelocateJob {
  family: Family;
  from: ObjectAccess;
  to: ObjectAccess;
  names: { from: string; to: string };
}

/** Opens both stores. Throws bad_input when they are one, or when one of them is not configured any more. */
export async function openRelocateJob(
  open: (storeId: string) => Promise<Store>,
  params: RelocateParams,
): Promise<RelocateJob> {
  const family = await loadFamily(params.datasetId);
  if (params.from === params.to) throw sameStore();
  const rows = await db().store.findMany({
    where: { id: { in: [params.from, params.to] } },
    select: { id: true, name: true },
  });
  const nameOf = (storeId: string) => rows.find(({ id }) => id === storeId)?.name ?? storeId;
  const names = { from: nameOf(params.from), to: nameOf(params.to) };
  const [from, to] = [await open(params.from), await open(params.to)];
  return { family, from: objectsOf(from, names.from), to: objectsOf(to, names.to), names };
}

function sameStore(): AppError {
  const message = "The segments lie in this store already. Nothing was changed. Choose another one.";
  return new AppError("bad_input", message, { key: "relocateSameStore", fields: { to: message } });
}
