import type { ReactNode } from "react";
import { Breadcrumbs, type Crumb } from "@/components/ui/breadcrumbs";
import { PaletteButton } from "./palette-button";

/** Every page: breadcrumb (its only title), actions at the right with the primary one last, then the content. */
export function PageFrame({
  breadcrumbs,
  actions,
  children,
}: {
  breadcrumbs: readonly Crumb[];
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <>
      <header className="mx-auto flex min-h-14 w-full max-w-[1440px] flex-wrap items-center gap-2 px-6 py-2.5 max-sm:px-4">
        <Breadcrumbs crumbs={breadcrumbs} />
        <PaletteButton />
        {actions && <div className="flex flex-wrap items-center gap-2 max-sm:w-full">{actions}</div>}
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto flex w-full max-w-[1440px] min-w-0 flex-1 flex-col gap-4 px-6 pb-8 outline-hidden max-sm:px-4"
      >
        {children}
      </main>
    </>
  );
}
