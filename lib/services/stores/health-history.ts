import { authorize } from "@/lib/auth/authorize";
import { healthHistory } from "@/lib/metrics/latency";
import { type Range, rangeSchema } from "@/lib/schemas/page";
import type { HealthHistoryDto } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";
import { findStore } from "@/lib/services/stores/find";

/** When a store answered, did not, or was not asked. */
export async function getHealthHistory(
  actor: Actor,
  input: { storeId: string } & Range,
): Promise<HealthHistoryDto> {
  authorize(actor, "metrics.read");
  const { from, until } = parse(rangeSchema, input);
  await findStore(input.storeId);
  const range = { from: new Date(from), until: new Date(until), maxPoints: 500, now: new Date() };
  return healthHistory(input.storeId, range);
}
