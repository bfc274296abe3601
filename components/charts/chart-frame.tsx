"use client";
import { useTranslations } from "next-intl";
import { type ReactNode, useState } from "react";
import { classNames } from "@/components/ui/class-names";
import { type ChartTone, TONE_COLOR } from "./chart-types";

export interface LegendEntry {
  key: string;
  label: ReactNode;
  tone: ChartTone;
  /** The latest value. */
  value?: ReactNode;
}

/** A chart with its legend, and the same figures as a table on request. */
export function ChartFrame({
  label,
  legend,
  generated,
  table,
  children,
}: {
  /** What is drawn and in which unit, for those who do not see it. */
  label: string;
  legend: readonly LegendEntry[];
  /** Whether some of it was made up by the demo. */
  generated?: boolean;
  table: ReactNode;
  children: ReactNode;
}) {
  const t = useTranslations("charts");
  const [view, setView] = useState<"chart" | "table">("chart");
  return (
    <figure aria-label={label} className="flex min-w-0 flex-1 flex-col gap-2">
      {view === "chart" ? children : <div className="max-h-72 overflow-auto">{table}</div>}
      <figcaption className="mt-auto flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-muted">
        {legend.map((entry) => (
          <span key={entry.key} className="inline-flex items-center gap-1.5">
            <span
              aria-hidden
              className="size-2 rounded-[2px]"
              style={{ background: TONE_COLOR[entry.tone] }}
            />
            {entry.label}
            {entry.value !== undefined && <span className="text-ink">{entry.value}</span>}
          </span>
        ))}
        {generated && (
          <span className="inline-flex items-center gap-1.5">
            <span aria-hidden className="chart-generated size-2.5 rounded-[2px] border border-line-strong" />
            {t("generated")}
          </span>
        )}
        <button
          type="button"
          onClick={() => setView(view === "chart" ? "table" : "chart")}
          className={classNames("ml-auto rounded-[3px] text-accent hover:underline max-sm:py-1.5")}
        >
          {view === "chart" ? t("asTable") : t("asChart")}
        </button>
      </figcaption>
    </figure>
  );
}

/** In place of a chart without a single value. */
export function ChartEmpty({ height, children }: { height: number; children?: ReactNode }) {
  const t = useTranslations("charts");
  return (
    <div style={{ height }} className="grid place-items-center text-sm text-muted">
      <p className="max-w-72 text-center">{children ?? t("noData")}</p>
    </div>
  );
}
