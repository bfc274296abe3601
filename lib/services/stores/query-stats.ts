import { authorize } from "@/lib/auth/authorize";
import { type QueryStatsDto, storeIdSchema } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";
import { iso, stored } from "@/lib/services/stored-json";
import { findStore } from "@/lib/services/stores/find";

/** Slowest queries, connections and cache hits as the last sample saw them; `at` null: none was taken yet. */
export async function getQueryStats(actor: Actor, input: { storeId: string }): Promise<QueryStatsDto> {
  authorize(actor, "store.read");
  const { storeId } = parse(storeIdSchema, input);
  const row = await findStore(storeId);
  const sampled = stored<Omit<QueryStatsDto, "at">>(row.queryStats);
  if (!sampled) return { ...NOTHING, at: null };
  return { ...sampled, at: iso(row.queryStatsAt) };
}

const NOTHING = {
  available: false,
  hintKey: null,
  since: null,
  queries: [],
  connections: null,
  cacheHitRatio: null,
};
