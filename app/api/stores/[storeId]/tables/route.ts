import { route } from "@/lib/api/route";
import { listTables } from "@/lib/services/stores/tables";

/** Tables as last listed, with proposals. */
export const GET = route<{ storeId: string }>(({ actor, params }) => listTables(actor, params));
