"use client";
import { Ellipsis } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { classNames } from "@/components/ui/class-names";
import { Menu } from "@/components/ui/menu";
import { LOCALE_NAMES, LOCALES } from "@/lib/i18n/locales";
import { THEMES } from "@/lib/i18n/preferences";
import type { ShellDto } from "@/lib/schemas/shell";
import { isCurrent, PAGES } from "./navigation";
import { useSetLanguage } from "./use-language";
import { useSignOut } from "./use-sign-out";
import { useTheme } from "./use-theme";

const CELL =
  "relative flex h-14 flex-1 flex-col items-center justify-center gap-0.5 text-2xs focus-visible:-outline-offset-2";

/** The rail on a phone: five pages and the rest behind "more". */
export function BottomBar({ pathname, state }: { pathname: string; state: ShellDto | undefined }) {
  const t = useTranslations("shell");
  return (
    <nav
      aria-label={t("navigation")}
      className="fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] sm:hidden"
    >
      {PAGES.slice(0, 5).map((page) => (
        <Link
          key={page.href}
          href={page.href}
          aria-current={isCurrent(page.href, pathname) ? "page" : undefined}
          className={classNames(
            CELL,
            isCurrent(page.href, pathname) ? "font-semibold text-accent" : "text-muted",
          )}
        >
          <page.icon aria-hidden size={18} strokeWidth={1.75} />
          {t(page.label)}
          {page.label === "operations" && state && <OperationMark state={state} />}
        </Link>
      ))}
      <More />
    </nav>
  );
}

function OperationMark({ state }: { state: ShellDto }) {
  const t = useTranslations("shell");
  if (state.counts.failedUnseen > 0)
    return (
      <span
        role="img"
        aria-label={t("unseenFailed", { count: state.counts.failedUnseen })}
        className="absolute top-2 right-[28%] size-2 rounded-full bg-bad"
      />
    );
  if (state.counts.running === 0) return null;
  return <span className="absolute top-1 right-[24%] font-semibold text-accent">{state.counts.running}</span>;
}

function More() {
  const t = useTranslations("shell");
  const [theme, setTheme] = useTheme();
  const setLanguage = useSetLanguage();
  const signOut = useSignOut();
  return (
    <Menu
      label={t("more")}
      trigger={
        <button type="button" className={`${CELL} text-muted`}>
          <Ellipsis aria-hidden size={18} />
          {t("more")}
        </button>
      }
      entries={[
        ...PAGES.slice(5).map((page) => ({
          key: page.href,
          label: t(page.label),
          href: page.href,
          icon: <page.icon aria-hidden size={15} />,
        })),
        ...LOCALES.map((locale) => ({
          key: locale,
          label: LOCALE_NAMES[locale],
          onSelect: () => setLanguage(locale),
        })),
        ...THEMES.map((candidate) => ({
          key: candidate,
          label: `${t("theme")}: ${t(candidate)}`,
          checked: candidate === theme,
          onSelect: () => setTheme(candidate),
        })),
        { key: "out", label: t("signOut"), onSelect: signOut },
      ]}
    />
  );
}
