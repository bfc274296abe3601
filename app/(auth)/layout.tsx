import type { ReactNode } from "react";
import { Logo } from "@/components/shell/logo";

/** Pages for people who are not signed in: one narrow column. */
export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <main
      id="content"
      className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-6 px-4 py-10"
    >
      <Logo />
      {children}
    </main>
  );
}
