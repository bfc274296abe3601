"use client";
import { useLocale, useTimeZone, useTranslations } from "next-intl";
import { formatDateTime } from "@/lib/format/time";
import type { SeriesData } from "./chart-data";
import { formatValue } from "./chart-format";
import { type ChartUnit, TONE_COLOR } from "./chart-types";

/** All series at the instant under the pointer. */
export function ChartTooltip({ data, atMs, unit }: { data: SeriesData; atMs: number; unit: ChartUnit }) {
  const t = useTranslations("charts");
  const locale = useLocale();
  const timeZone = useTimeZone();
  const point = data.points.find((candidate) => candidate.atMs === atMs);
  if (!point) return null;
  return (
    <div className="rounded-md border border-line bg-surface px-2.5 py-1.5 text-xs shadow-popup">
      <p className="text-muted">
        {formatDateTime(atMs, { locale, timeZone })}
        {point.generated && ` · ${t("generated")}`}
      </p>
      {data.series.map((series) => (
        <p key={series.key} className="flex items-center gap-1.5">
          <span
            aria-hidden
            className="size-2 rounded-[2px]"
            style={{ background: TONE_COLOR[series.tone] }}
          />
          <span className="flex-1">{series.label}</span>
          <span className="pl-3 font-semibold">{formatValue(point.values[series.key], unit, locale)}</span>
        </p>
      ))}
    </div>
  );
}
