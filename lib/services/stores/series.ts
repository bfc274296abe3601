import { authorize } from "@/lib/auth/authorize";
import { series } from "@/lib/metrics/series";
import { type SeriesDto, type SeriesInput, seriesInputSchema } from "@/lib/schemas/metrics";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";
import { findStore } from "@/lib/services/stores/find";

/** One figure of a store over time. */
export async function getStoreSeries(
  actor: Actor,
  input: { storeId: string } & SeriesInput,
): Promise<SeriesDto> {
  authorize(actor, "metrics.read");
  const { metric, from, until, maxPoints } = parse(seriesInputSchema, input);
  await findStore(input.storeId);
  return series(input.storeId, metric, {
    from: new Date(from),
    until: new Date(until),
    maxPoints,
    now: new Date(),
  });
}
