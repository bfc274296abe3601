import { db } from "@/lib/control/database";
import type { Dataset } from "@/lib/control/prisma/client/client";
import { columnsInRoles } from "@/lib/datasets/roles";
import { type Roles, rolesSchema, type Tier } from "@/lib/schemas/dataset";
import type { RecordColumn, RecordRow } from "@/lib/schemas/record";
import { manifestSchema } from "@/lib/segments/manifest";
import { findRows, readSegment } from "@/lib/segments/read";
import type { Manifest } from "@/lib/segments/segment";
import type { Batch, RowKey } from "@/lib/stores/batch";
import { openStore } from "@/lib/stores/open";
import type { TableRef } from "@/lib/stores/table";
import { vectorText } from "@/lib/stores/text-form";

/** A page stays quick with a value of 100 MB in it. */
const MOST_CHARS = 256 * 1024;

export const keyName = (key: RowKey): string => JSON.stringify(key);

/** Where the rows of a dataset's warm tier lie; null where it has none. */
export function tableOf(dataset: Dataset, tier: "hot" | "archive"): TableRef | null {
  if (tier === "hot") return { schema: dataset.schemaName, name: dataset.tableName };
  if (!dataset.archiveTable) return null;
  return { schema: dataset.archiveSchema ?? dataset.schemaName, name: dataset.archiveTable };
}

/** Whole rows of a table by key, at most 1,000; missing ones are left out. */
export async function tableRows(
  dataset: Dataset,
  tier: "hot" | "archive",
  keys: readonly RowKey[],
  signal: AbortSignal,
): Promise<RecordRow[]> {
  const table = tableOf(dataset, tier);
  const { rows } = await openStore(dataset.storeId, "read");
  if (!table || !rows || keys.length === 0) return [];
  const roles = rolesSchema.parse(dataset.roles);
  const member = { table, key: roles.key, columns: [], via: null };
  const batch = await rows.find(member, keys, signal);
  return rowsOfBatch(dataset, roles, tier, null, batch);
}

/** Whole rows of a segment by key; those it does not own any more are left out. */
export async function segmentRows(
  dataset: Dataset,
  segmentId: string,
  keys: readonly RowKey[],
  signal: AbortSignal,
): Promise<RecordRow[]> {
  const found = await openSegment(segmentId);
  if (!found) return [];
  const positions = await findRows(found.objects, found.manifest, keys, signal);
  return rowsAt(dataset, found, [...positions.values()], signal);
}

export interface OpenSegment {
  manifest: Manifest;
  objects: Parameters<typeof readSegment>[0];
}

/** A committed segment of the catalogue; null when it was retired or its store holds no objects. */
export async function openSegment(segmentId: string): Promise<OpenSegment | null> {
  const row = await db().segment.findFirst({ where: { id: segmentId, state: "committed" } });
  if (!row) return null;
  const { objects } = await openStore(row.storeId, "read");
  return objects ? { manifest: manifestSchema.parse(row.manifest), objects } : null;
}

/** Whole rows of a segment by position. */
export async function rowsAt(
  dataset: Dataset,
  { manifest, objects }: OpenSegment,
  positions: readonly number[],
  signal: AbortSignal,
): Promise<RecordRow[]> {
  if (positions.length === 0) return [];
  const roles = rolesSchema.parse(dataset.roles);
  const rows: RecordRow[] = [];
  const options = { rows: [...positions].sort((a, b) => a - b), check: "size" } as const;
  for await (const batch of readSegment(objects, manifest, options, signal)) {
    rows.push(...rowsOfBatch(dataset, roles, "cold", manifest.segmentId, batch));
  }
  return rows;
}

function rowsOfBatch(
  dataset: Dataset,
  roles: Roles,
  tier: Tier,
  segmentId: string | null,
  batch: Batch,
): RecordRow[] {
  const parts = new Map<string, string>();
  for (const { role, column } of columnsInRoles(roles)) if (role !== "text") parts.set(column, role);
  return Array.from({ length: batch.rowCount }, (_, row) => {
    const columns = batch.vectors.map((vector) =>
      recordColumn(vector.name, vector.sourceType, vectorText(vector, row), parts.get(vector.name) ?? null),
    );
    const text = (name: string) => columns.find((column) => column.name === name)?.value ?? null;
    return {
      datasetId: dataset.id,
      dataset: dataset.name,
      tier,
      segmentId,
      key: roles.key.map((name) => text(name) ?? ""),
      at: roles.time ? text(roles.time.column) : null,
      columns,
    };
  });
}

function recordColumn(name: string, type: string, value: string | null, role: string | null): RecordColumn {
  if (value === null || value.length <= MOST_CHARS) return { name, type, value, cutFromBytes: null, role };
  return { name, type, value: value.slice(0, MOST_CHARS), cutFromBytes: Buffer.byteLength(value), role };
}
