import { authorize } from "@/lib/auth/authorize";
import type { StoreDto } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { loadStores } from "@/lib/services/stores/load";

/** All stores, by name, as their last samples show them. */
export async function listStores(actor: Actor): Promise<StoreDto[]> {
  authorize(actor, "store.read");
  return loadStores();
}
