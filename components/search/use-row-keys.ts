"use client";
import { type RefObject, useEffect } from "react";

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  target.matches("input:not([type=checkbox]), textarea, select, [contenteditable=true]");

/** `j` and `k` walk through the links marked `data-row-link`, Enter opens as on any link, `x` selects. */
export function useRowKeys(box: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.metaKey || event.ctrlKey || event.altKey || typing(event.target)) return;
      if (!["j", "k", "x"].includes(event.key) || !box.current) return;
      const links = [...box.current.querySelectorAll<HTMLElement>("[data-row-link]")];
      const row = document.activeElement?.closest("tr");
      const at = links.findIndex((link) => link.closest("tr") === row);
      if (event.key === "x") row?.querySelector<HTMLElement>("[data-row-box]:not(:disabled)")?.click();
      else links[Math.min(links.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))]?.focus();
      event.preventDefault();
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [box]);
}
