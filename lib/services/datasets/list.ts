import { authorize } from "@/lib/auth/authorize";
import { type DatasetDto, type ListDatasetsInput, listDatasetsSchema } from "@/lib/schemas/dataset";
import type { Actor } from "@/lib/schemas/user";
import { loadDatasets } from "@/lib/services/datasets/load";
import { parse } from "@/lib/services/parse";

/** All datasets, or those of one store, by name. */
export async function listDatasets(actor: Actor, input: ListDatasetsInput = {}): Promise<DatasetDto[]> {
  authorize(actor, "dataset.read");
  const { storeId } = parse(listDatasetsSchema, input);
  return loadDatasets(storeId ? { storeId } : {});
}
