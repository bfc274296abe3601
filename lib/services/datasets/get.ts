import { authorize } from "@/lib/auth/authorize";
import { db } from "@/lib/control/database";
import type { Dataset } from "@/lib/control/prisma/client/client";
import {
  type DatasetDetailDto,
  datasetIdSchema,
  type ParentLink,
  type Roles,
  rolesSchema,
  type TableStatsDto,
} from "@/lib/schemas/dataset";
import type { Proof } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { adviceFor } from "@/lib/services/datasets/advice";
import { findDataset } from "@/lib/services/datasets/find";
import { loadDatasets } from "@/lib/services/datasets/load";
import { findAttention } from "@/lib/services/overview/get";
import { parse } from "@/lib/services/parse";
import { iso, stored } from "@/lib/services/stored-json";
import { driverOf, driversWith, offersAction } from "@/lib/services/stores/driver";
import { loadStores } from "@/lib/services/stores/load";
import type { StoredTable } from "@/lib/services/stores/stored-table";

/** A dataset with everything its page shows, from stored statistics; `statsAt` says how old they are. */
export async function getDataset(actor: Actor, input: { datasetId: string }): Promise<DatasetDetailDto> {
  authorize(actor, "dataset.read");
  const { datasetId } = parse(datasetIdSchema, input);
  const row = await findDataset(datasetId);
  const [[light], store, children, cold, coldTargets, exact] = await Promise.all([
    loadDatasets({ id: datasetId }),
    db().store.findUniqueOrThrow({
      where: { id: row.storeId },
      select: { kind: true, writesEnabled: true, tables: true },
    }),
    loadChildren(datasetId),
    loadColdFacts(datasetId),
    loadColdTargets(),
    loadExact(datasetId),
  ]);
  if (!light) return getDataset(actor, input); // removed between two queries: tells not_found
  const stats = stored<TableStatsDto>(row.stats);
  const archiveStats = stored<TableStatsDto>(row.archiveStats);
  const roles = rolesOf(row);
  // All of them: whether there is somewhere to go to is a matter of the others too.
  const stores = await loadStores();
  const attention = await findAttention(stores, [light]);
  return {
    ...light,
    roles,
    parentLink: stored<ParentLink>(row.parentLink),
    children,
    archiveTable: row.archiveTable
      ? { schema: row.archiveSchema ?? row.schemaName, name: row.archiveTable }
      : null,
    coldStore: coldTargets.find((target) => target.storeId === (row.coldStoreId ?? cold.storeId)) ?? null,
    stats,
    archiveStats,
    oldest: { hot: stats?.oldestAt ?? null, archive: archiveStats?.oldestAt ?? null, cold: cold.oldest },
    newest: { hot: stats?.newestAt ?? null, archive: archiveStats?.newestAt ?? null, cold: cold.newest },
    columns: columnsOf(row, stored<StoredTable[]>(store.tables)),
    optimizeActions: [...driverOf(store.kind).optimizeActions],
    advice: [
      ...(stats?.advice ?? []).map(({ action, ...advice }) => ({ ...advice, optimize: action })),
      ...(offersAction(store.kind, "vacuum")
        ? adviceFor({
            dataset: light,
            roles,
            stats,
            parentLink: stored<ParentLink>(row.parentLink),
            now: new Date(),
          })
        : []),
    ],
    attention: attention.filter((item) => item.attentionId.endsWith(`:${datasetId}`)),
    coldTargets,
    writesEnabled: store.writesEnabled,
    abilities: [...driverOf(store.kind).abilities],
    exact,
  };
}

export const rolesOf = (row: Pick<Dataset, "roles">): Roles => rolesSchema.parse(row.roles);

const columnsOf = (row: Dataset, tables: StoredTable[] | null) => [
  ...(tables?.find((table) => table.ref.schema === row.schemaName && table.ref.name === row.tableName)
    ?.columns ?? []),
];

async function loadChildren(datasetId: string): Promise<DatasetDetailDto["children"]> {
  const rows = await db().dataset.findMany({
    where: { parentId: datasetId },
    select: { id: true, name: true, parentLink: true },
    orderBy: { name: "asc" },
  });
  return rows.map((row) => ({ datasetId: row.id, name: row.name, link: stored<ParentLink>(row.parentLink) }));
}

interface ColdFacts {
  oldest: string | null;
  newest: string | null;
  /** The object store that the newest segment lies in. */
  storeId: string | null;
}

async function loadColdFacts(datasetId: string): Promise<ColdFacts> {
  const where = { datasetId, state: "committed" };
  const [times, last] = await Promise.all([
    db().segment.aggregate({ where, _min: { minTime: true }, _max: { maxTime: true } }),
    db().segment.findFirst({ where, orderBy: { createdAt: "desc" }, select: { storeId: true } }),
  ]);
  return { oldest: iso(times._min.minTime), newest: iso(times._max.maxTime), storeId: last?.storeId ?? null };
}

/** Object stores, by name: where cold segments could go. */
export async function loadColdTargets(): Promise<DatasetDetailDto["coldTargets"]> {
  const rows = await db().store.findMany({
    where: { kind: { in: driversWith("objects") } },
    select: { id: true, name: true, kind: true, state: true, writesEnabled: true },
    orderBy: { name: "asc" },
  });
  return rows.map(({ id, ...row }) => ({ storeId: id, ...row }));
}

async function loadExact(datasetId: string): Promise<DatasetDetailDto["exact"]> {
  const row = await db().operation.findFirst({
    where: { datasetId, kind: "count", state: "succeeded" },
    orderBy: { endedAt: "desc" },
    select: { id: true, endedAt: true, proof: true, doneRows: true },
  });
  if (!row?.endedAt) return null;
  const fact = stored<Proof>(row.proof)?.facts.find((item) => /row/i.test(item.key));
  const rowCount = fact && /^\d+$/.test(fact.after) ? Number(fact.after) : Number(row.doneRows);
  return { rowCount, at: row.endedAt.toISOString(), operationId: row.id };
}
