import { authorize } from "@/lib/auth/authorize";
import { proposeSchema } from "@/lib/schemas/dataset";
import type { StoreTableDto } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";
import { listTables } from "@/lib/services/stores/tables";

export interface Proposals {
  /** Tables of one known application that move together, parents before children; singles are families of one. */
  families: { preset: string; members: StoreTableDto[] }[];
  /** All other tables that can be datasets, by size. */
  others: StoreTableDto[];
  /** Tables that cannot, each with its reason among its blocks. */
  refused: StoreTableDto[];
}

/** What a store's tables could become, those that are datasets already left out. */
export async function proposeDatasets(actor: Actor, input: { storeId: string }): Promise<Proposals> {
  authorize(actor, "dataset.read");
  const { storeId } = parse(proposeSchema, input);
  const tables = (await listTables(actor, { storeId })).filter((table) => table.datasetId === null);
  const stopped = (table: StoreTableDto) => table.proposal.blocks.some((block) => block.severity === "stop");
  const possible = tables.filter((table) => !stopped(table));
  const roots = possible.filter((table) => table.proposal.preset && !table.proposal.parent);
  const families = roots.map((root) => ({
    preset: root.proposal.preset ?? "",
    members: [root, ...possible.filter((table) => isChildOf(table, root))],
  }));
  const placed = new Set(families.flatMap((family) => family.members));
  return {
    families,
    others: possible.filter((table) => !placed.has(table)),
    refused: tables.filter(stopped),
  };
}

const isChildOf = (table: StoreTableDto, root: StoreTableDto): boolean =>
  table.proposal.parent?.table === root.name && table.schema === root.schema;
