import { route } from "@/lib/api/route";
import { getStore } from "@/lib/services/stores/get";

/** One store as last sampled. */
export const GET = route<{ storeId: string }>(({ actor, params }) => getStore(actor, params));
