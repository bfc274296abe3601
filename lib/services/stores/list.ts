import { authorize } from "@/lib/auth/authorize";
import type { StoreDto } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { driversWith } from "@/lib/services/stores/driver";
import { loadStores } from "@/lib/services/stores/load";
import type { Ability } from "@/lib/stores/store";

/** All stores, or those whose kind has an ability, by name, as their last samples show them. */
export async function listStores(actor: Actor, filter: { ability?: Ability } = {}): Promise<StoreDto[]> {
  authorize(actor, "store.read");
  const stores = await loadStores();
  if (!filter.ability) return stores;
  const kinds = driversWith(filter.ability);
  return stores.filter((store) => kinds.includes(store.kind));
}
