import Link from "next/link";
import type { ReactNode } from "react";
import { classNames } from "./class-names";

export interface Tab {
  key: string;
  label: ReactNode;
  count?: ReactNode;
  href: string;
}

/** Tabs are addresses: back works, and a link shows the same tab. */
export function Tabs({ tabs, current, label }: { tabs: readonly Tab[]; current: string; label: string }) {
  return (
    <nav
      aria-label={label}
      className="-mx-1 flex gap-4 overflow-x-auto border-b border-line px-1 text-sm [scrollbar-width:none]"
    >
      {tabs.map((tab) => (
        <Link
          key={tab.key}
          href={tab.href}
          scroll={false}
          aria-current={tab.key === current ? "page" : undefined}
          className={classNames(
            "-mb-px flex h-9 shrink-0 items-center gap-1.5 border-b-2 whitespace-nowrap transition-colors focus-visible:-outline-offset-2",
            tab.key === current
              ? "border-accent font-semibold text-ink"
              : "border-transparent text-muted hover:text-ink",
          )}
        >
          {tab.label}
          {tab.count !== undefined && <span className="font-normal text-muted">{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
