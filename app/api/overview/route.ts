import { route } from "@/lib/api/route";
import { getOverview } from "@/lib/services/overview/get";

/** The overview, from stored samples. */
export const GET = route(({ actor }) => getOverview(actor));
