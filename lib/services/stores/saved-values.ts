import { findStore } from "@/lib/services/stores/find";
import { storeConfig } from "@/lib/stores/open";

/** A saved store's field values, secrets included. Never leaves the server. */
export async function savedValues(storeId: string): Promise<Record<string, unknown>> {
  const row = await findStore(storeId);
  return Object.fromEntries(Object.entries(Object(storeConfig(row))));
}
