import { route } from "@/lib/api/route";
import { listStores } from "@/lib/services/stores/list";

/** All stores as last sampled. */
export const GET = route(({ actor }) => listStores(actor));
