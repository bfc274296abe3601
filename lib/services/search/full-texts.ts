import { db } from "@/lib/control/database";
import type { Dataset } from "@/lib/control/prisma/client/client";
import type { RecordRow } from "@/lib/schemas/record";
import { type SearchRow, searchRowId } from "@/lib/schemas/search";
import { segmentRows, tableRows } from "@/lib/services/records/dataset-rows";

export interface Texts {
  prompt: string | null;
  answer: string | null;
}

/**
 * Prompt and answer of found rows in full: one read per dataset and table or segment. A row that moved to another
 * tier since it was found keeps what the search showed of it.
 */
export async function fullTexts(
  rows: readonly SearchRow[],
  signal: AbortSignal,
): Promise<(row: SearchRow) => Texts> {
  const datasets = await db().dataset.findMany({
    where: { id: { in: [...new Set(rows.map((row) => row.datasetId))] } },
  });
  const byId = new Map(datasets.map((dataset) => [dataset.id, dataset]));
  const groups = Map.groupBy(rows, (row) => JSON.stringify([row.datasetId, row.tier, row.segmentId]));
  const texts = new Map<string, Texts>();
  for (const group of groups.values()) {
    const dataset = byId.get(group[0]?.datasetId ?? "");
    if (!dataset) continue;
    for (const row of await readGroup(dataset, group, signal)) texts.set(searchRowId(row), textsOf(row));
  }
  return (row) => texts.get(searchRowId(row)) ?? shownTexts(row);
}

function readGroup(dataset: Dataset, group: readonly SearchRow[], signal: AbortSignal): Promise<RecordRow[]> {
  const keys = group.map((row) => row.key);
  const [first] = group;
  if (first?.tier === "cold") return segmentRows(dataset, first.segmentId ?? "", keys, signal);
  return tableRows(dataset, first?.tier ?? "hot", keys, signal);
}

const textsOf = (row: RecordRow): Texts => {
  const part = (role: string) => row.columns.find((column) => column.role === role)?.value ?? null;
  return { prompt: part("prompt"), answer: part("answer") };
};

const shownTexts = (row: SearchRow): Texts => ({
  prompt: row.snippets[0]?.text ?? null,
  answer: row.snippets[1]?.text ?? null,
});
