import { route } from "@/lib/api/route";
import { rangeSchema } from "@/lib/schemas/page";
import { parse } from "@/lib/services/parse";
import { getLatency } from "@/lib/services/stores/latency";

/** Latency percentiles over time. */
export const GET = route<{ storeId: string }>(({ actor, params, query }) =>
  getLatency(actor, { ...parse(rangeSchema, query), ...params }),
);
