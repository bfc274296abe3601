import { createAuthClient } from "better-auth/react";

/** The browser's side of the sign-in: `authClient.signIn.email({ email, password })`, `authClient.signOut()`. */
export const authClient = createAuthClient({ basePath: "/api/auth" });
