import { route } from "@/lib/api/route";
import { getShell } from "@/lib/services/shell/get";

/** What the frame around every page shows. */
export const GET = route(({ actor }) => getShell(actor));
