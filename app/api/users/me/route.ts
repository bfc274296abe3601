import { route } from "@/lib/api/route";
import { getMe } from "@/lib/services/users/me";

/** Oneself, and what one may do. */
export const GET = route(({ actor }) => getMe(actor));
