import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { type ListSegmentsInput, listSegmentsSchema, type SegmentDto } from "@/lib/schemas/dataset";
import type { Page } from "@/lib/schemas/page";
import type { Actor } from "@/lib/schemas/user";
import { decodeCursor, encodeCursor } from "@/lib/services/cursor";
import { findDataset } from "@/lib/services/datasets/find";
import { parse } from "@/lib/services/parse";
import { iso } from "@/lib/services/stored-json";

/** Committed segments of a dataset, newest month first. */
export async function listSegments(actor: Actor, input: ListSegmentsInput): Promise<Page<SegmentDto>> {
  authorize(actor, "dataset.read");
  const { datasetId, month, cursor, limit } = parse(listSegmentsSchema, input);
  await findDataset(datasetId);
  const after = decodeCursor(cursor, 2);
  const rows = await db().segment.findMany({
    where: {
      datasetId,
      state: "committed",
      ...(month ? { month } : {}),
      ...(after ? { OR: [{ month: { lt: after[0] } }, { month: after[0], id: { lt: after[1] } }] } : {}),
    },
    omit: { manifest: true },
    include: { store: { select: { name: true } } },
    orderBy: [{ month: "desc" }, { id: "desc" }],
    take: limit + 1,
  });
  const items = rows.slice(0, limit).map((row) => ({
    segmentId: row.id,
    storeId: row.storeId,
    storeName: row.store.name,
    key: row.key,
    month: row.month,
    rowCount: Number(row.rowCount),
    sizeBytes: Number(row.sizeBytes),
    sourceBytes: Number(row.sourceBytes),
    minTime: iso(row.minTime),
    maxTime: iso(row.maxTime),
    sha256: row.sha256,
    state: row.state,
    operationId: row.operationId,
    missingSince: iso(row.missingSince),
    createdAt: row.createdAt.toISOString(),
  }));
  const last = items.at(-1);
  return { items, next: rows.length > limit && last ? encodeCursor([last.month, last.segmentId]) : null };
}
