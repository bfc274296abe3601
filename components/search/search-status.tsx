"use client";
import { useLocale, useTranslations } from "next-intl";
import { ToneIcon } from "@/components/ui/tone";
import { formatDuration } from "@/lib/format/duration";
import type { Tier } from "@/lib/schemas/dataset";
import { type TierLine, tierLines } from "./tier-lines";
import type { RunningSearch } from "./use-search";

/** How far each tier is, in words, and what was not searched. */
export function SearchStatus({ search }: { search: RunningSearch }) {
  const t = useTranslations("search");
  const words = useLineWords();
  // A refused question stands at the box.
  if (search.state === "idle" || search.error?.fields.q) return null;
  const lines = tierLines([...search.result.tiers.values()]);
  const troubled = lines.some((line) => line.kind === "failed" || line.kind === "missing");
  const running = search.state === "running";
  return (
    <p role="status" className="-mt-1.5 flex min-h-5 items-start gap-1.5 text-xs text-muted">
      <span className="flex h-[1.125rem] items-center">
        <ToneIcon tone={running ? "busy" : troubled || search.state === "failed" ? "warn" : "ok"} size={12} />
      </span>
      <span className="min-w-0 [overflow-wrap:anywhere]">
        {lines.length === 0 &&
          t(running ? "starting" : search.state === "failed" ? "notDone" : "nothingAsked")}
        {lines.map((line, index) => {
          const text = words(line);
          return (
            <span key={text}>
              {index > 0 && " · "}
              <span className={line.kind === "failed" || line.kind === "missing" ? "text-warn" : undefined}>
                {text}
              </span>
            </span>
          );
        })}
      </span>
    </p>
  );
}

function useLineWords(): (line: TierLine) => string {
  const t = useTranslations("search");
  const tier = useTranslations("tiers");
  const locale = useLocale();
  const names = (tiers: readonly Tier[]) => tiers.map((one) => tier(one)).join(locale === "zh" ? "、" : ", ");
  return (line) => {
    switch (line.kind) {
      case "done":
        return t("progress.done", { tiers: names(line.tiers), time: formatDuration(line.ms, locale) });
      case "running":
        return t("progress.running", { tiers: names(line.tiers) });
      case "segments":
        return t(line.state === "done" ? "progress.segmentsDone" : "progress.segmentsRunning", {
          opened: line.opened,
          total: line.total,
          time: formatDuration(line.ms, locale),
        });
      case "missing":
        return t(line.scope === "all" ? "progress.missing" : "progress.someMissing", {
          segments: line.segments,
        });
      case "failed":
        return t("progress.failed", { dataset: line.dataset, tier: tier(line.tier), message: line.message });
    }
  };
}
