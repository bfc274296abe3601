import { route } from "@/lib/api/route";
import { listDrivers } from "@/lib/services/stores/drivers";

/** Kinds of stores that can be added. */
export const GET = route(({ actor }) => listDrivers(actor));
