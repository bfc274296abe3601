import { route } from "@/lib/api/route";
import { getSettings } from "@/lib/services/settings/get";

/** Facts of this installation. */
export const GET = route(({ actor }) => getSettings(actor));
