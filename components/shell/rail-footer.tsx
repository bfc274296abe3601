"use client";
import { useLocale, useTranslations } from "next-intl";
import { Menu } from "@/components/ui/menu";
import { LOCALE_NAMES, LOCALES } from "@/lib/i18n/locales";
import { THEMES } from "@/lib/i18n/preferences";
import type { ShellDto } from "@/lib/schemas/shell";
import { useSetLanguage } from "./use-language";
import { useSignOut } from "./use-sign-out";
import { useTheme } from "./use-theme";

/** Workers and control DB, then who is signed in, the language and the theme. */
export function RailFooter({
  state,
  stale,
  userName,
}: {
  state: ShellDto | undefined;
  stale: boolean;
  userName: string;
}) {
  return (
    <div className="flex flex-col gap-1 px-2.5 text-xs text-muted max-wide:items-center max-wide:px-0">
      <Health state={state} stale={stale} />
      <Preferences userName={userName} />
    </div>
  );
}

function Health({ state, stale }: { state: ShellDto | undefined; stale: boolean }) {
  const t = useTranslations("shell");
  if (!state && !stale) return <p className="h-9 max-wide:hidden" aria-hidden />;
  const down = stale || !state;
  const tone = down ? "bg-bad" : state.workers === 0 ? "bg-warn" : "bg-ok";
  const words = down
    ? t("stale")
    : `${t("workers", { count: state.workers })} · ${t("controlLatency", { ms: Math.max(1, Math.round(state.controlLatencyMs)) })}`;
  return (
    <p role="status" title={words} className="flex items-start gap-1.5">
      <span aria-hidden className={`mt-[6px] size-2 shrink-0 rounded-full ${tone}`} />
      <span className="max-wide:sr-only">{words}</span>
    </p>
  );
}

function Preferences({ userName }: { userName: string }) {
  const t = useTranslations("shell");
  const locale = useLocale();
  const [theme, setTheme] = useTheme();
  const setLanguage = useSetLanguage();
  const signOut = useSignOut();
  const other = LOCALES.find((candidate) => candidate !== locale) ?? "en";
  const nextTheme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "system";
  const quiet = "rounded-[3px] whitespace-nowrap hover:text-ink hover:underline";
  return (
    <div className="flex items-center gap-1 max-wide:flex-col">
      <Menu
        align="start"
        label={t("account")}
        trigger={
          <button
            type="button"
            title={t("account")}
            className={`max-w-24 truncate ${quiet} max-wide:max-w-14`}
          >
            {userName}
          </button>
        }
        entries={[
          { key: "settings", label: t("settings"), href: "/settings" },
          { key: "out", label: t("signOut"), onSelect: signOut },
        ]}
      />
      <span aria-hidden className="max-wide:hidden">
        ·
      </span>
      <button
        type="button"
        lang={other === "zh" ? "zh-CN" : "en"}
        className={quiet}
        onClick={() => setLanguage(other)}
        title={`${t("language")}: ${LOCALE_NAMES[other]}`}
      >
        {other === "zh" ? "中文" : "English"}
      </button>
      <span aria-hidden className="max-wide:hidden">
        ·
      </span>
      <button
        type="button"
        className={quiet}
        onClick={() => setTheme(nextTheme)}
        title={t("theme")}
        suppressHydrationWarning
      >
        <span className="sr-only">{t("theme")}: </span>
        {t(theme)}
      </button>
    </div>
  );
}
