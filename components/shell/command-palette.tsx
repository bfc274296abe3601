"use client";
import {
  Activity,
  Database,
  Keyboard,
  Languages,
  LogOut,
  type LucideIcon,
  Monitor,
  Moon,
  Search,
  Sun,
  Table2,
} from "lucide-react";
import { useRouter } from "next/navigation";
import { useLocale, useTranslations } from "next-intl";
import { useDeferredValue, useState } from "react";
import { CommandDialog, CommandEmpty, CommandGroup, CommandItem } from "@/components/ui/command";
import { LOCALE_NAMES, LOCALES } from "@/lib/i18n/locales";
import { THEMES, type Theme } from "@/lib/i18n/preferences";
import { PAGES } from "./navigation";
import { usePaletteItems } from "./palette-items";
import { useSetLanguage } from "./use-language";
import { useSignOut } from "./use-sign-out";
import { useTheme } from "./use-theme";

const KINDS = ["dataset", "store", "operation"] as const;
const RESULT_ICONS: Record<(typeof KINDS)[number], LucideIcon> = {
  dataset: Table2,
  store: Database,
  operation: Activity,
};
const THEME_ICONS: Record<Theme, LucideIcon> = { light: Sun, dark: Moon, system: Monitor };

/** Pages, datasets, stores, operations and actions in one box. */
export function CommandPalette({ onClose, onShowKeys }: { onClose: () => void; onShowKeys: () => void }) {
  const t = useTranslations("palette");
  const shell = useTranslations("shell");
  const router = useRouter();
  const [query, setQuery] = useState("");
  const go = (href: string) => {
    onClose();
    router.push(href);
  };
  return (
    <CommandDialog
      open
      onOpenChange={(open) => !open && onClose()}
      label={shell("palette")}
      placeholder={t("placeholder")}
      query={query}
      onQueryChange={setQuery}
    >
      <CommandEmpty>{t("empty", { query })}</CommandEmpty>
      <CommandGroup heading={t("pages")}>
        {PAGES.map((page) => (
          <CommandItem
            key={page.href}
            value={`${shell(page.label)} ${page.href}`}
            icon={<page.icon aria-hidden size={15} />}
            hint={`g ${page.key}`}
            onSelect={() => go(page.href)}
          >
            {shell(page.label)}
          </CommandItem>
        ))}
      </CommandGroup>
      <Results query={query} go={go} />
      <Actions query={query} go={go} onClose={onClose} onShowKeys={onShowKeys} />
    </CommandDialog>
  );
}

function Results({ query, go }: { query: string; go: (href: string) => void }) {
  const t = useTranslations("palette");
  const { data = [], isError } = usePaletteItems(useDeferredValue(query.trim()));
  return (
    <>
      {isError && <p className="px-2 py-1.5 text-xs text-warn">{t("failed")}</p>}
      {KINDS.map((kind) => {
        const results = data.filter((result) => result.type === kind);
        if (results.length === 0) return null;
        const Icon = RESULT_ICONS[kind];
        return (
          <CommandGroup key={kind} heading={t(kind)}>
            {results.map((result) => (
              <CommandItem
                key={result.id}
                value={`${result.label} ${result.hint ?? ""} ${result.id}`}
                icon={<Icon aria-hidden size={15} />}
                hint={result.hint ?? undefined}
                onSelect={() => go(result.href)}
              >
                {result.label}
              </CommandItem>
            ))}
          </CommandGroup>
        );
      })}
    </>
  );
}

function Actions({
  query,
  go,
  onClose,
  onShowKeys,
}: {
  query: string;
  go: (href: string) => void;
  onClose: () => void;
  onShowKeys: () => void;
}) {
  const t = useTranslations("palette");
  const shell = useTranslations("shell");
  const locale = useLocale();
  const [theme, setTheme] = useTheme();
  const setLanguage = useSetLanguage();
  const signOut = useSignOut();
  const words = query.trim();
  const andClose = (act: () => void) => () => {
    onClose();
    act();
  };
  return (
    <CommandGroup heading={t("actions")}>
      {words && (
        <CommandItem
          value={`search ${words}`}
          alwaysShown
          icon={<Search aria-hidden size={15} />}
          onSelect={() => go(`/search?q=${encodeURIComponent(words)}`)}
        >
          {t("searchFor", { query: words })}
        </CommandItem>
      )}
      {THEMES.filter((candidate) => candidate !== theme).map((candidate) => {
        const Icon = THEME_ICONS[candidate];
        const label =
          candidate === "system" ? t("useSystemTheme") : t("useTheme", { theme: shell(candidate) });
        return (
          <CommandItem
            key={candidate}
            value={`${label} theme ${candidate}`}
            icon={<Icon aria-hidden size={15} />}
            onSelect={andClose(() => setTheme(candidate))}
          >
            {label}
          </CommandItem>
        );
      })}
      {LOCALES.filter((candidate) => candidate !== locale).map((candidate) => (
        <CommandItem
          key={candidate}
          value={`language 语言 ${candidate} ${LOCALE_NAMES[candidate]}`}
          icon={<Languages aria-hidden size={15} />}
          onSelect={andClose(() => setLanguage(candidate))}
        >
          {t("useLanguage", { language: LOCALE_NAMES[candidate] })}
        </CommandItem>
      ))}
      <CommandItem
        value={`keys ${t("showKeys")}`}
        icon={<Keyboard aria-hidden size={15} />}
        hint="?"
        onSelect={onShowKeys}
      >
        {t("showKeys")}
      </CommandItem>
      <CommandItem
        value={`sign out ${shell("signOut")}`}
        icon={<LogOut aria-hidden size={15} />}
        onSelect={andClose(signOut)}
      >
        {shell("signOut")}
      </CommandItem>
    </CommandGroup>
  );
}
