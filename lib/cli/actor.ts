import { userInfo } from "node:os";
import type { Actor } from "@/lib/schemas/user";

/**
 * Whoever runs the command line. Who can read the data folder, or holds DATABASE_URL, can do all that an
 * administrator can; the audit log names the user of the system.
 */
export const cliActor = (): Actor => ({ userId: null, name: `cli:${userInfo().username}`, role: "admin" });
