import { authorize } from "@/lib/auth/authorize";
import { latencySeries } from "@/lib/metrics/latency";
import { type Range, rangeSchema } from "@/lib/schemas/page";
import type { LatencyPoint } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";
import { findStore } from "@/lib/services/stores/find";

/** p50, p95 and p99 of a store's latency over time, at most 300 points, gaps as nulls. */
export async function getLatency(actor: Actor, input: { storeId: string } & Range): Promise<LatencyPoint[]> {
  authorize(actor, "metrics.read");
  const { from, until } = parse(rangeSchema, input);
  await findStore(input.storeId);
  const range = { from: new Date(from), until: new Date(until), maxPoints: 300, now: new Date() };
  return latencySeries(input.storeId, range);
}
