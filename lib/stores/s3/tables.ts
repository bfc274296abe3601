import type { S3Handle } from "@/lib/stores/s3/client";
import { type Budget, inventory } from "@/lib/stores/s3/inventory";
import type { TableSummary } from "@/lib/stores/table";

/** A person who looks at the list waits for it; the hourly sample and a second look share one walk. */
export const TABLES_BUDGET: Budget = { objects: 100_000, ms: 6_000, maxAgeMs: 30_000 };

/** Datasets of segments, and other first levels of keys, by size. With a budget: a huge bucket is listed in part. */
export async function listTables(handle: S3Handle, signal: AbortSignal): Promise<TableSummary[]> {
  const { parts } = await inventory(handle, TABLES_BUDGET, signal);
  return parts.map(({ ref, sizeBytes }) => ({
    ref,
    kind: "prefix",
    rowCount: null,
    sizeBytes,
    columns: [],
    key: null,
  }));
}
