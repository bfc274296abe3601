import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { datasetIdSchema, type MonthFigures, type MonthsDto, type StoredMonths } from "@/lib/schemas/dataset";
import type { Actor } from "@/lib/schemas/user";
import { findDataset } from "@/lib/services/datasets/find";
import { parse } from "@/lib/services/parse";
import { stored } from "@/lib/services/stored-json";

const DAY_MS = 86_400_000;

/** Rows and bytes by UTC month over all tiers, oldest first, months without rows left out. */
export async function getMonths(actor: Actor, input: { datasetId: string }): Promise<MonthsDto> {
  authorize(actor, "dataset.read");
  const { datasetId } = parse(datasetIdSchema, input);
  const row = await findDataset(datasetId);
  const cold = await db().segment.groupBy({
    by: ["month"],
    where: { datasetId, state: "committed" },
    _sum: { rowCount: true, sizeBytes: true, sourceBytes: true },
  });
  const sampled = stored<StoredMonths>(row.months);
  const months = new Map<string, MonthFigures>();
  const at = (month: string): MonthFigures => {
    const found = months.get(month) ?? emptyMonth(month);
    months.set(month, found);
    return found;
  };
  for (const bucket of sampled?.hot ?? []) {
    Object.assign(at(bucket.month), { hotRows: bucket.rowCount, hotBytes: bucket.sizeBytes });
  }
  for (const bucket of sampled?.archive ?? []) {
    Object.assign(at(bucket.month), { archiveRows: bucket.rowCount, archiveBytes: bucket.sizeBytes });
  }
  for (const bucket of cold) {
    Object.assign(at(bucket.month), {
      coldRows: Number(bucket._sum.rowCount ?? 0n),
      coldBytes: Number(bucket._sum.sizeBytes ?? 0n),
      coldSourceBytes: Number(bucket._sum.sourceBytes ?? 0n),
    });
  }
  return {
    exact: sampled?.exact ?? false,
    at: sampled?.at ?? null,
    months: [...months.values()].sort((a, b) => a.month.localeCompare(b.month)),
    keepFromMonth:
      row.keepDays === null ? null : new Date(Date.now() - row.keepDays * DAY_MS).toISOString().slice(0, 7),
  };
}

const emptyMonth = (month: string): MonthFigures => ({
  month,
  hotRows: 0,
  hotBytes: 0,
  archiveRows: 0,
  archiveBytes: 0,
  coldRows: 0,
  coldBytes: 0,
  coldSourceBytes: 0,
});
