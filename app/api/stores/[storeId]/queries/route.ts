import { route } from "@/lib/api/route";
import { getQueryStats } from "@/lib/services/stores/query-stats";

/** Slowest queries as last sampled. */
export const GET = route<{ storeId: string }>(({ actor, params }) => getQueryStats(actor, params));
