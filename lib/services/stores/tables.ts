import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import { proposeTables } from "@/lib/datasets/discovery";
import { type StoreTableDto, storeIdSchema } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";
import { stored } from "@/lib/services/stored-json";
import { findStore } from "@/lib/services/stores/find";
import type { StoredTable } from "@/lib/services/stores/stored-table";

/** A store's tables by size as last listed, each with what Strata would make of it. Empty until the first listing. */
export async function listTables(actor: Actor, input: { storeId: string }): Promise<StoreTableDto[]> {
  authorize(actor, "store.read");
  const { storeId } = parse(storeIdSchema, input);
  const row = await findStore(storeId);
  const tables = stored<StoredTable[]>(row.tables) ?? [];
  const datasets = await db().dataset.findMany({
    where: { storeId },
    select: { id: true, schemaName: true, tableName: true, archiveSchema: true, archiveTable: true },
  });
  const known = new Map(
    datasets.map((dataset) => [`${dataset.schemaName}.${dataset.tableName}`, dataset.id]),
  );
  const archives = new Set(
    datasets.map((dataset) => `${dataset.archiveSchema ?? dataset.schemaName}.${dataset.archiveTable}`),
  );
  // Strata's own archive tables are a tier of a dataset, not tables to be managed.
  const shown = tables.filter(({ ref }) => !archives.has(`${ref.schema}.${ref.name}`));
  const proposals = proposeTables(shown, boundsOf(shown));
  return shown.flatMap((table, index) => {
    const proposal = proposals[index];
    if (!proposal) return [];
    return [
      {
        schema: table.ref.schema,
        name: table.ref.name,
        kind: table.kind,
        rowCount: table.rowCount,
        sizeBytes: table.sizeBytes,
        datasetId: known.get(`${table.ref.schema}.${table.ref.name}`) ?? null,
        proposal,
      },
    ];
  });
}

function boundsOf(tables: readonly StoredTable[]): Map<string, { min: number; max: number }> {
  const bounds = new Map<string, { min: number; max: number }>();
  for (const { ref, seen } of tables) {
    for (const [column, value] of Object.entries(seen ?? {})) {
      bounds.set(`${ref.schema}.${ref.name}.${column}`, { min: value, max: value });
    }
  }
  return bounds;
}
