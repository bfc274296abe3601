"use client";
import dynamic from "next/dynamic";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { isTyping, onOpenPalette } from "./keyboard-events";
import { PAGES } from "./navigation";

const CommandPalette = dynamic(() => import("./command-palette").then((module) => module.CommandPalette), {
  ssr: false,
});
const KeyList = dynamic(() => import("./key-list").then((module) => module.KeyList), { ssr: false });

type Opened = "palette" | "keys" | null;

/** ⌘K or Ctrl K, `/`, `?`, and `g` followed by a page's key. Loads what it opens when it is first opened. */
export function Keyboard() {
  const router = useRouter();
  const [opened, setOpened] = useState<Opened>(null);
  const pressedG = useRef(0);

  useEffect(() => onOpenPalette(() => setOpened("palette")), []);
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setOpened((now) => (now === "palette" ? null : "palette"));
        return;
      }
      if (event.metaKey || event.ctrlKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "/") {
        event.preventDefault();
        focusSearch(() => router.push("/search"));
      } else if (event.key === "?") {
        setOpened("keys");
      } else if (event.key === "g") {
        pressedG.current = event.timeStamp;
      } else if (event.timeStamp - pressedG.current < 1500) {
        pressedG.current = 0;
        const page = PAGES.find(({ key }) => key === event.key);
        if (page) router.push(page.href);
      }
    }
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [router]);

  const close = () => setOpened(null);
  return (
    <>
      {opened === "palette" && <CommandPalette onClose={close} onShowKeys={() => setOpened("keys")} />}
      {opened === "keys" && <KeyList onClose={close} />}
    </>
  );
}

/** Focuses the search box of the page; where there is none, goes to the search page, which focuses its own. */
function focusSearch(goToSearch: () => void): void {
  const box = document.querySelector<HTMLElement>("[data-search-box], input[type=search]");
  if (box) box.focus();
  else goToSearch();
}
