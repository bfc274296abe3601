import { route } from "@/lib/api/route";
import { listUsers } from "@/lib/services/users/list";

/** All accounts. */
export const GET = route(({ actor }) => listUsers(actor));
