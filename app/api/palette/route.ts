import { route } from "@/lib/api/route";
import { getPalette } from "@/lib/services/palette/get";

/** What ⌘K can lead to. */
export const GET = route(({ actor }) => getPalette(actor));
