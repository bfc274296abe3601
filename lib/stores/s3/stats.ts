import type { S3Handle } from "@/lib/stores/s3/client";
import { prefixOfTable } from "@/lib/stores/s3/mapper";
import { listObjects } from "@/lib/stores/s3/read";
import type { TableRef, TableStats } from "@/lib/stores/table";

const MOST_OBJECTS = 100_000;
const MOST_MS = 6_000;

/** Sizes of what lies below one prefix; no rows are known of it. With a budget, said in a note when it ends. */
export async function tableStats(
  handle: S3Handle,
  table: TableRef,
  signal: AbortSignal,
): Promise<TableStats> {
  const deadline = performance.now() + MOST_MS;
  let [objects, totalBytes, complete] = [0, 0, true];
  let oldestAt: string | null = null;
  let newestAt: string | null = null;
  for await (const { sizeBytes, modifiedAt } of listObjects(handle, prefixOfTable(table), signal)) {
    if (objects >= MOST_OBJECTS || performance.now() > deadline) {
      complete = false;
      break;
    }
    objects += 1;
    totalBytes += sizeBytes;
    if (!oldestAt || modifiedAt < oldestAt) oldestAt = modifiedAt;
    if (!newestAt || modifiedAt > newestAt) newestAt = modifiedAt;
  }
  return {
    rowCount: null,
    heapBytes: totalBytes,
    indexBytes: 0,
    toastBytes: null,
    totalBytes,
    deadRows: null,
    liveRows: null,
    lastVacuumAt: null,
    lastAnalyzeAt: null,
    oldestAt: null,
    newestAt: null,
    indexes: [],
    notes: complete ? [] : [`More than ${objects} objects: only these are added up.`],
    figures: [
      { key: "objects", value: objects, unit: "count" },
      { key: "oldestObject", value: oldestAt, unit: "text" },
      { key: "newestObject", value: newestAt, unit: "text" },
    ],
  };
}
