import { authorize } from "@/lib/auth/authorize";
import { type StoreFiguresDto, storeIdSchema } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";
import { iso, stored } from "@/lib/services/stored-json";
import { findStore } from "@/lib/services/stores/find";

/** What only this kind of store tells, as the last sample saw it; `at` null: none was taken yet. */
export async function getFigures(actor: Actor, input: { storeId: string }): Promise<StoreFiguresDto> {
  authorize(actor, "store.read");
  const { storeId } = parse(storeIdSchema, input);
  const row = await findStore(storeId);
  const sampled = stored<Omit<StoreFiguresDto, "at">>(row.figures);
  if (!sampled) return { at: null, figures: [], breakdowns: [], notes: [] };
  return { ...sampled, at: iso(row.figuresAt) };
}
