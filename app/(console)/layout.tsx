import type { ReactNode } from "react";
import { Shell } from "@/components/shell/shell";
import { requireUser } from "@/lib/auth/page";

/** Every page of the console stands in the shell, for signed-in people only. Pages authorise for themselves too. */
export default async function ConsoleLayout({ children }: { children: ReactNode }) {
  const user = await requireUser();
  return <Shell user={{ name: user.name, role: user.role }}>{children}</Shell>;
}
