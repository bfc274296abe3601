import { route } from "@/lib/api/route";
import { seriesInputSchema } from "@/lib/schemas/metrics";
import { parse } from "@/lib/services/parse";
import { getStoreSeries } from "@/lib/services/stores/series";

/** One figure over time. */
export const GET = route<{ storeId: string }>(({ actor, params, query }) =>
  getStoreSeries(actor, { ...parse(seriesInputSchema, query), ...params }),
);
