"use client";
import { useCallback, useSyncExternalStore } from "react";
import { parseTheme, THEME_COOKIE, type Theme } from "@/lib/i18n/preferences";
import { writePreference } from "./write-preference";

const root = (): HTMLElement => document.documentElement;

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(root(), { attributeFilter: ["data-theme"] });
  return () => observer.disconnect();
}

/** The theme on `<html>`, and how to change it: at once, and for the next first paint. */
export function useTheme(): [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore<Theme>(
    subscribe,
    () => parseTheme(root().dataset.theme),
    () => "system",
  );
  const setTheme = useCallback((next: Theme) => {
    root().dataset.theme = next;
    writePreference(THEME_COOKIE, next);
  }, []);
  return [theme, setTheme];
}
