import { authorize } from "@/lib/auth/authorize";
import { type StoreTestDto, type TestStoreInput, testStoreSchema } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";
import { parseConfig } from "@/lib/services/stores/config";
import { probeStore } from "@/lib/services/stores/probe";
import { savedValues } from "@/lib/services/stores/saved-values";

/** Connects with these fields and tells what it found. Saves nothing. Answers or fails within ten seconds. */
export async function testStore(actor: Actor, input: TestStoreInput): Promise<StoreTestDto> {
  authorize(actor, "store.write");
  const { storeId, kind, config } = parse(testStoreSchema, input);
  const saved = storeId ? await savedValues(storeId) : {};
  const { health, tables } = await probeStore(kind, parseConfig(kind, config, saved).config);
  return { health, tableCount: tables?.length ?? null };
}
