import type { ReactNode } from "react";

/** A key to press. */
export const Kbd = ({ children }: { children: ReactNode }) => (
  <kbd className="inline-flex h-[18px] min-w-[18px] items-center justify-center rounded-[4px] border border-line bg-surface px-1 text-2xs text-muted">
    {children}
  </kbd>
);
