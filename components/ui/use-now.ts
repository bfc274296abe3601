"use client";
import { useNow as useServerNow } from "next-intl";
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let nowMs = 0;
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

function tick(): void {
  nowMs = Date.now();
  for (const listener of listeners) listener();
}

function snapshot(): number {
  // Without a running clock the last tick may be long past.
  if (timer === undefined) nowMs = Date.now();
  return nowMs;
}

/** Milliseconds now. One clock for the page; `select` keeps a component from drawing anew when nothing changed. */
export function useNowText(select: (nowMs: number) => string): string {
  const serverMs = useServerNow().getTime();
  return useSyncExternalStore(
    subscribe,
    () => select(snapshot()),
    () => select(serverMs),
  );
}
