import { db } from "@/lib/control/database";
import { type Family, loadFamily } from "@/lib/datasets/family";
import { AppError } from "@/lib/errors";
import { objectsOf } from "@/lib/operations/row-access";
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

/** Committed segments of a family in one store, oldest first; of the given ids alone where ids are given. */
export async function movesOf(
  family: Family,
  storeIds: readonly string[],
  segmentIds?: readonly string[],
): Promise<Move[]> {
  const index = new Map(family.members.map((member, at) => [member.datasetId, at]));
  const rows = await db().segment.findMany({
    where: {
      datasetId: { in: [...index.keys()] },
      storeId: { in: [...storeIds] },
      state: "committed",
      ...(segmentIds && { id: { in: [...segmentIds] } }),
    },
    orderBy: [{ minTime: "asc" }, { id: "asc" }],
  });
  return rows.map((row) => ({
    segmentId: row.id,
    member: index.get(row.datasetId) ?? 0,
    manifest: manifestSchema.parse(row.manifest),
    storeId: row.storeId,
    missing: row.missingSince !== null,
  }));
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
