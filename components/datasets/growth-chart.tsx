"use client";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import { mergeMarks } from "@/components/charts/merge-marks";
import { TimeSeries } from "@/components/charts/time-series";
import { useMarkLabel } from "@/components/operations/use-mark-label";
import { useRangeInAddress } from "@/components/stores/latency-chart";
import type { Mark, SeriesDto } from "@/lib/schemas/metrics";

const TIERS = ["hot", "archive", "cold"] as const;
type TierSeries = Record<(typeof TIERS)[number], SeriesDto>;

/** Bytes in each tier over time, with the operations that bent the lines. */
export function GrowthChart({ series, marks }: { series: TierSeries; marks: readonly Mark[] }) {
  const t = useTranslations("datasets");
  const tiers = useTranslations("tiers");
  const choose = useRangeInAddress();
  const label = useMarkLabel();
  const points = useMemo(() => {
    const at = new Map<
      number,
      { atMs: number; values: Record<string, number | null>; generated?: boolean }
    >();
    for (const tier of TIERS)
      for (const point of series[tier].points) {
        const atMs = Date.parse(point.at);
        const found = at.get(atMs) ?? { atMs, values: {} };
        found.values[tier] = point.value;
        found.generated ||= point.generated;
        at.set(atMs, found);
      }
    return [...at.values()].sort((a, b) => a.atMs - b.atMs);
  }, [series]);
  const shown = TIERS.filter((tier) => points.some((point) => (point.values[tier] ?? 0) > 0));
  return (
    <TimeSeries
      label={t("growthLabel")}
      series={shown.map((tier) => ({ key: tier, label: tiers(tier), tone: tier }))}
      points={shown.length > 0 ? points : []}
      marks={mergeMarks(
        marks,
        { fromMs: Date.parse(series.hot.from), untilMs: Date.parse(series.hot.until) },
        label,
      )}
      unit="bytes"
      stacking="stacked"
      range={{ fromMs: Date.parse(series.hot.from), untilMs: Date.parse(series.hot.until) }}
      onRange={choose}
      empty={t("noGrowthYet")}
    />
  );
}
