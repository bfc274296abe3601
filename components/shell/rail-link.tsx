"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { classNames } from "@/components/ui/class-names";
import type { ShellDto } from "@/lib/schemas/shell";
import type { PAGES } from "./navigation";

type Page = (typeof PAGES)[number];

/** The count beside a page's name, and what it says aloud. */
function useMark(page: Page, state: ShellDto | undefined) {
  const t = useTranslations("shell");
  if (!state) return null;
  if (page.label === "stores")
    return { text: String(state.counts.stores), live: false, failed: null, title: undefined };
  if (page.label === "datasets")
    return { text: String(state.counts.datasets), live: false, failed: null, title: undefined };
  if (page.label !== "operations") return null;
  return {
    text: state.counts.running > 0 ? String(state.counts.running) : "",
    live: true,
    title: t("running", { count: state.counts.running }),
    failed: state.counts.failedUnseen > 0 ? t("unseenFailed", { count: state.counts.failedUnseen }) : null,
  };
}

/** One page in the rail: words and counts from 1100 px on, below that the icon alone. */
export function RailLink({
  page,
  current,
  state,
}: {
  page: Page;
  current: boolean;
  state: ShellDto | undefined;
}) {
  const t = useTranslations("shell");
  const mark = useMark(page, state);
  const Icon = page.icon;
  return (
    <Link
      href={page.href}
      aria-current={current ? "page" : undefined}
      title={t(page.label)}
      className={classNames(
        "relative flex h-8 items-center gap-2.5 rounded-md px-2.5 text-base transition-colors max-wide:size-10 max-wide:justify-center max-wide:px-0",
        current ? "bg-selected font-semibold text-ink" : "text-muted hover:bg-hover hover:text-ink",
      )}
    >
      <Icon aria-hidden size={16} strokeWidth={1.75} className="shrink-0" />
      <span className="flex-1 truncate max-wide:sr-only">{t(page.label)}</span>
      {mark?.failed && (
        <span
          role="img"
          aria-label={mark.failed}
          title={mark.failed}
          className="size-2 rounded-full bg-bad max-wide:absolute max-wide:top-1.5 max-wide:left-1.5"
        />
      )}
      {mark?.text && (
        <span
          title={mark.title}
          className={classNames(
            "text-xs",
            mark.live
              ? "font-semibold text-accent max-wide:absolute max-wide:top-0.5 max-wide:right-1"
              : "font-normal text-muted max-wide:hidden",
          )}
        >
          {mark.text}
        </span>
      )}
    </Link>
  );
}
