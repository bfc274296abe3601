import { pool } from "@/lib/control/database";
import type { Dataset } from "@/lib/control/prisma/client/client";
import { type Family, familyScope, loadFamily } from "@/lib/datasets/family";
import { log } from "@/lib/log";
import { within } from "@/lib/metrics/sample-health";
import type { StoredMonths } from "@/lib/schemas/dataset";
import { openStore } from "@/lib/stores/open";
import type { MonthBucket } from "@/lib/stores/table";

/** What counting by month may cost a store per family and tier, after which statistics answer. */
const BUDGET_MS = 2_000;
const READ_MS = 10_000;
const OPEN_RANGE = { fromUs: null, untilUs: null };

/** Rows and bytes by month of whole families; members that were given stand for their family. */
export async function sampleMonths(datasets: readonly Dataset[], signal: AbortSignal): Promise<void> {
  const roots = new Set(datasets.map((row) => (row.parentId === null ? row.id : rootOf(row, datasets))));
  for (const rootId of roots) {
    try {
      const family = await loadFamily(rootId);
      if (family.time) await sampleFamily(family, datasets, signal);
    } catch (error) {
      if (signal.aborted) return;
      log("sampler").warn({ err: error, datasetId: rootId }, "months could not be sampled");
    }
  }
}

function rootOf(row: Dataset, datasets: readonly Dataset[]): string {
  let top = row;
  for (let depth = 0; top.parentId && depth < 16; depth++) {
    const above = datasets.find((one) => one.id === top.parentId);
    if (!above) return top.parentId;
    top = above;
  }
  return top.id;
}

async function sampleFamily(
  family: Family,
  datasets: readonly Dataset[],
  signal: AbortSignal,
): Promise<void> {
  const store = await openStore(family.store.id, "read");
  const { rows } = store;
  if (!rows) return;
  const read = (tier: "hot" | "archive") =>
    within(READ_MS, signal, (limit) => rows.months(familyScope(family, tier, OPEN_RANGE), BUDGET_MS, limit));
  const hot = await read("hot");
  // Archive tables of a family come into being together.
  const archived = datasets.find((row) => row.id === family.root.datasetId)?.archiveTable;
  const archive = archived ? await read("archive") : null;
  for (const [index, member] of family.members.entries()) {
    const months: StoredMonths = {
      exact: hot.exact && (archive?.exact ?? true),
      at: new Date().toISOString(),
      hot: plain(hot.members[index]),
      archive: plain(archive?.members[index]),
    };
    await pool().query('UPDATE "Dataset" SET months = $2 WHERE id = $1', [
      member.datasetId,
      JSON.stringify(months),
    ]);
  }
}

const plain = (buckets: readonly MonthBucket[] | undefined) =>
  (buckets ?? []).filter((bucket) => bucket.rowCount > 0);
