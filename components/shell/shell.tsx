"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Toaster } from "@/components/ui/toaster";
import { BottomBar } from "./bottom-bar";
import { Keyboard } from "./keyboard";
import { Logo } from "./logo";
import { isCurrent, PAGES } from "./navigation";
import { RailFooter } from "./rail-footer";
import { RailLink } from "./rail-link";
import { useShellState } from "./shell-state";

/** The rail, the page beside it, and what answers to the keyboard everywhere. */
export function Shell({ user, children }: { user: { name: string; role: string }; children: ReactNode }) {
  const t = useTranslations("shell");
  const pathname = usePathname();
  const { data, isError } = useShellState();
  return (
    <div className="flex min-h-dvh">
      <a
        href="#content"
        className="absolute top-2 left-2 z-50 rounded-md bg-surface px-3 py-1.5 text-sm not-focus:sr-only"
      >
        {t("skip")}
      </a>
      <aside className="sticky top-0 flex h-dvh w-52 shrink-0 flex-col gap-4 border-r border-line bg-surface px-2.5 py-4 max-wide:w-15 max-wide:items-center max-wide:px-0 max-sm:hidden">
        <Link href="/" className="flex items-center gap-2.5 px-2.5 text-lg font-semibold max-wide:px-0">
          <Logo />
          <span className="max-wide:sr-only">Strata</span>
          {data?.demo && (
            <span title={t("demoHint")} className="max-wide:hidden">
              <Badge>{t("demo")}</Badge>
            </span>
          )}
        </Link>
        <nav aria-label={t("navigation")} className="flex flex-1 flex-col gap-0.5">
          {PAGES.map((page) => (
            <RailLink key={page.href} page={page} current={isCurrent(page.href, pathname)} state={data} />
          ))}
        </nav>
        <RailFooter state={data} stale={isError} userName={data?.user.name ?? user.name} />
      </aside>
      <div className="flex min-w-0 flex-1 flex-col max-sm:pb-16">{children}</div>
      <BottomBar pathname={pathname} state={data} />
      <Keyboard />
      <Toaster />
    </div>
  );
}
