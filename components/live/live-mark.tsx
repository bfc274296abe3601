"use client";
import { useTranslations } from "next-intl";
import type { StreamState } from "./use-event-stream";

/** Says it when a page is not live; while it is, a quiet dot. */
export function LiveMark({ state, pollSeconds = 3 }: { state: StreamState; pollSeconds?: number }) {
  const t = useTranslations("live");
  if (state === "polling")
    return (
      <span role="status" className="inline-flex items-center gap-1.5 text-xs text-warn">
        <span aria-hidden className="size-2 rounded-full border border-warn" />
        {t("notLive", { seconds: pollSeconds })}
      </span>
    );
  return (
    <span role="status" className="inline-flex items-center gap-1.5 text-xs text-muted">
      <span aria-hidden className={`size-2 rounded-full ${state === "live" ? "bg-ok" : "bg-line-strong"}`} />
      {state === "live" ? t("live") : t("connecting")}
    </span>
  );
}
