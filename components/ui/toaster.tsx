"use client";
import { Toaster as Sonner } from "sonner";

/** Where `toast(…)` of sonner shows. For what was done; never for what needs a decision. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      gap={8}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast:
            "flex w-full items-start gap-2.5 rounded-md border border-line bg-surface px-3.5 py-2.5 text-sm text-ink shadow-popup",
          description: "text-muted",
          success: "border-l-[3px] border-l-ok",
          error: "border-l-[3px] border-l-bad",
          warning: "border-l-[3px] border-l-warn",
          actionButton: "ml-auto text-accent font-semibold",
        },
      }}
    />
  );
}
