"use client";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { classNames } from "@/components/ui/class-names";
import type { PAGES } from "./navigation";
import type { ShellState } from "./shell-state";

type Page = (typeof PAGES)[number];

/** The count beside a page's name, and what it says aloud. */
function useMark(page: Page, state: ShellState | undefined) {
  const t = useTranslations("shell");
  if (!state) return null;
  if (page.label === "stores")
    return { text: String(state.storeCount), live: false, failed: null, title: undefined };
  if (page.label === "datasets")
    return { text: String(state.datasetCount), live: false, failed: null, title: undefined };
  if (page.label !== "operations") return null;
  return {
    text: state.runningCount > 0 ? String(state.runningCount) : "",
    live: true,
    title: t("running", { count: state.runningCount }),
    failed: state.unseenFailedCount > 0 ? t("unseenFailed", { count: state.unseenFailedCount }) : null,
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
  state: ShellState | undefined;
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
