import { headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { currentUser } from "@/lib/auth/session";
import type { Actor } from "@/lib/schemas/user";

export interface PageUser extends Actor {
  userId: string;
  email: string;
}

/** Who looks at this page, once per request. Nobody: off to the sign-in. */
export const requireUser = cache(async (): Promise<PageUser> => {
  const user = await currentUser(await headers());
  if (!user) redirect("/sign-in");
  return user;
});
