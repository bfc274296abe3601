import { db } from "@/lib/control/database";
import type { Dataset } from "@/lib/control/prisma/client/client";
import { type ParentLink, rolesSchema } from "@/lib/schemas/dataset";
import type { RecordDto, RecordRow } from "@/lib/schemas/record";
import { manifestSchema } from "@/lib/segments/manifest";
import { readSegment } from "@/lib/segments/read";
import { openSegment, rowsAt, tableOf, tableRows } from "@/lib/services/records/dataset-rows";
import { noted } from "@/lib/services/records/noted";
import { stored } from "@/lib/services/stored-json";
import { openStore } from "@/lib/stores/open";
import { vectorText } from "@/lib/stores/text-form";

/** Rows shown per dataset of the family. */
const MOST = 200;
const SEARCH_MS = 8_000;

/** The row it hangs on and the rows that hang on it, each where it lives now. */
export async function loadRelatives(
  dataset: Dataset,
  row: RecordRow,
  notes: string[],
  signal: AbortSignal,
): Promise<RecordDto["family"]> {
  const text = (column: string) => row.columns.find((one) => one.name === column)?.value ?? null;
  const link = stored<ParentLink>(dataset.parentLink);
  const [parent, children] = await Promise.all([
    dataset.parentId ? db().dataset.findUnique({ where: { id: dataset.parentId } }) : null,
    db().dataset.findMany({ where: { parentId: dataset.id }, orderBy: { name: "asc" } }),
  ]);
  const family: RecordDto["family"] = [];
  const above = link ? text(link.column) : null;
  if (parent && link && above !== null) {
    const rows = await rowsWith(parent, link.parentColumn, above, row, notes, signal);
    family.push({ datasetId: parent.id, dataset: parent.name, relation: "parent", rows });
  }
  for (const child of children) {
    const below = stored<ParentLink>(child.parentLink);
    const value = below ? text(below.parentColumn) : null;
    if (!below || value === null) continue;
    const rows = await rowsWith(child, below.column, value, row, notes, signal);
    family.push({ datasetId: child.id, dataset: child.name, relation: "child", rows });
  }
  return family;
}

/** Rows of a dataset where a column has a value, over its tiers; of segments only those of the row's own family. */
async function rowsWith(
  dataset: Dataset,
  column: string,
  value: string,
  of: RecordRow,
  notes: string[],
  signal: AbortSignal,
): Promise<RecordRow[]> {
  const found = new Map<string, RecordRow>();
  const reads = [
    ...(["hot", "archive"] as const).map((tier) => ({
      tier,
      read: () => inTable(dataset, tier, column, value, signal),
    })),
    ...(of.segmentId
      ? [{ tier: "cold", read: () => inSegments(dataset, of.segmentId ?? "", column, value, signal) }]
      : []),
  ];
  for (const { tier, read } of reads) {
    for (const row of await noted(notes, `${dataset.name}, ${tier}`, read)) {
      const id = JSON.stringify(row.key);
      if (!found.has(id) && found.size < MOST) found.set(id, row);
    }
  }
  return [...found.values()].sort((a, b) => (a.at ?? "").localeCompare(b.at ?? ""));
}

async function inTable(
  dataset: Dataset,
  tier: "hot" | "archive",
  column: string,
  value: string,
  signal: AbortSignal,
): Promise<RecordRow[]> {
  const table = tableOf(dataset, tier);
  const { rows } = await openStore(dataset.storeId, "read");
  const { key } = rolesSchema.parse(dataset.roles);
  if (!table || !rows || key.length === 0) return [];
  const page = await rows.search(
    {
      table,
      key,
      time: null,
      textColumns: [],
      terms: [],
      equals: [{ column, value }],
      fromUs: null,
      untilUs: null,
      after: null,
      limit: MOST,
      columns: [],
      snippetChars: 0,
      timeoutMs: SEARCH_MS,
    },
    signal,
  );
  const keys = page.rows.map((row) => row.key);
  return tableRows(dataset, tier, keys, signal);
}

/** Members of a family are exported together: their segments share operation and window. */
async function inSegments(
  dataset: Dataset,
  segmentId: string,
  column: string,
  value: string,
  signal: AbortSignal,
): Promise<RecordRow[]> {
  const own = await db().segment.findUnique({ where: { id: segmentId } });
  if (!own) return [];
  const { window } = manifestSchema.parse(own.manifest);
  const beside = await db().segment.findMany({
    where: { datasetId: dataset.id, state: "committed", operationId: own.operationId, month: own.month },
  });
  const found: RecordRow[] = [];
  for (const candidate of beside) {
    const manifest = manifestSchema.parse(candidate.manifest);
    if (JSON.stringify(manifest.window) !== JSON.stringify(window)) continue;
    const segment = await openSegment(candidate.id);
    if (!segment) continue;
    const positions: number[] = [];
    const options = { columns: [column], check: "size" } as const;
    for await (const batch of readSegment(segment.objects, manifest, options, signal)) {
      const [vector] = batch.vectors;
      if (!vector) continue;
      batch.positions.forEach((position, row) => {
        if (vectorText(vector, row) === value) positions.push(position);
      });
    }
    found.push(...(await rowsAt(dataset, segment, positions.slice(0, MOST), signal)));
  }
  return found;
}
