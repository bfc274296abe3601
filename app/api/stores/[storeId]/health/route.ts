import { route } from "@/lib/api/route";
import { rangeSchema } from "@/lib/schemas/page";
import { parse } from "@/lib/services/parse";
import { getHealthHistory } from "@/lib/services/stores/health-history";

/** When it answered and when not. */
export const GET = route<{ storeId: string }>(({ actor, params, query }) =>
  getHealthHistory(actor, { ...parse(rangeSchema, query), ...params }),
);
