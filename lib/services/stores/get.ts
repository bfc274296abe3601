import { authorize } from "@/lib/auth/authorize";
import { pricesOf } from "@/lib/datasets/prices";
import { type HealthDto, type StoreDetailDto, storeIdSchema } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { loadDatasets } from "@/lib/services/datasets/load";
import { findAttention } from "@/lib/services/overview/get";
import { parse } from "@/lib/services/parse";
import { iso, stored } from "@/lib/services/stored-json";
import { abilitiesOf, driverOf, familyOfKind } from "@/lib/services/stores/driver";
import { findStore } from "@/lib/services/stores/find";
import { loadStores } from "@/lib/services/stores/load";

/** A store with everything its page shows, from its last samples. */
export async function getStore(actor: Actor, input: { storeId: string }): Promise<StoreDetailDto> {
  authorize(actor, "store.read");
  const { storeId } = parse(storeIdSchema, input);
  const row = await findStore(storeId);
  const [[light], datasets] = await Promise.all([loadStores([storeId]), loadDatasets({ storeId })]);
  if (!light) return getStore(actor, input); // removed between two queries: tells not_found
  const attention = await findAttention([light], datasets);
  const subjects = new Set([storeId, ...datasets.map((dataset) => dataset.datasetId)]);
  return {
    ...light,
    config: stored<StoreDetailDto["config"]>(row.config) ?? {},
    // Which of them are set is told without opening the seal: all were given together.
    secretsSet: row.secretCipher ? [...driverOf(row.kind).secrets] : [],
    health: stored<HealthDto>(row.health),
    abilities: abilitiesOf(row.kind),
    prices: pricesOf(row.prices, familyOfKind(row.kind)),
    tablesAt: iso(row.tablesAt),
    datasets,
    attention: attention.filter((item) => subjects.has(item.attentionId.split(":")[1] ?? "")),
  };
}
