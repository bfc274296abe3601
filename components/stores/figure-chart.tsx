"use client";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import type { ChartUnit } from "@/components/charts/chart-types";
import { TimeSeries } from "@/components/charts/time-series";
import type { FigureDto } from "@/lib/schemas/figure";
import type { SeriesDto } from "@/lib/schemas/metrics";

const UNITS: Record<FigureDto["unit"], ChartUnit> = {
  bytes: "bytes",
  count: "count",
  ratio: "ratio",
  ms: "ms",
  seconds: "count",
  perSecond: "rowsPerSecond",
  text: "count",
};

/** One of a store's own figures over time. */
export function FigureChart({
  figureKey,
  unit,
  series,
}: {
  figureKey: string;
  unit: FigureDto["unit"];
  series: SeriesDto;
}) {
  const t = useTranslations("stores");
  const label = t(`figures.${figureKey}`);
  const points = useMemo(
    () =>
      series.points.map((point) => ({
        atMs: Date.parse(point.at),
        values: { value: point.value },
        generated: point.generated,
      })),
    [series],
  );
  const known = points.some((point) => point.values.value !== null);
  return (
    <TimeSeries
      label={label}
      series={[{ key: "value", label, tone: "1" }]}
      points={known ? points : []}
      unit={UNITS[unit]}
      shape="area"
      height={140}
      stepMs={series.stepMs}
      range={{ fromMs: Date.parse(series.from), untilMs: Date.parse(series.until) }}
      empty={t("noFigureRange")}
    />
  );
}
