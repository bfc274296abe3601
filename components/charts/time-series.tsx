"use client";
import dynamic from "next/dynamic";
import { useLocale, useTimeZone, useTranslations } from "next-intl";
import { type ReactNode, useMemo } from "react";
import { Skeleton } from "@/components/ui/skeleton";
import { Table, Td, Th } from "@/components/ui/table";
import { formatDateTime } from "@/lib/format/time";
import { generatedRanges, largestValue, limitSeries, type SeriesData, withGaps } from "./chart-data";
import { formatValue, valueScale } from "./chart-format";
import { ChartEmpty, ChartFrame } from "./chart-frame";
import type { ChartMark, ChartPoint, ChartRange, ChartSeries, ChartUnit } from "./chart-types";

const Plot = dynamic(() => import("./time-series-plot").then((module) => module.TimeSeriesPlot), {
  ssr: false,
  // As high as the chart (the wrapper has its height), so that nothing jumps.
  loading: () => <Skeleton className="h-full w-full" />,
});

export interface TimeSeriesProps {
  /** What is drawn and its unit, for screen readers: the panel's title says the same. */
  label: string;
  series: readonly ChartSeries[];
  /** Oldest first, at most 1,000. */
  points: readonly ChartPoint[];
  unit: ChartUnit;
  /** What the axis spans; default: first to last point. */
  range?: ChartRange;
  /** The distance of two points: where more is missing, the line breaks. */
  stepMs?: number;
  shape?: "line" | "area";
  stacking?: "stacked" | "apart";
  marks?: readonly ChartMark[];
  height?: number;
  /** Called with what was chosen by dragging; put it in the URL. */
  onRange?: (range: ChartRange) => void;
  /** What stands there while there is nothing to draw. */
  empty?: ReactNode;
}

/** Values over time: lines, areas, or areas on top of each other. */
export function TimeSeries(props: TimeSeriesProps) {
  const { series, points, unit, stepMs, stacking = "apart", height = 190 } = props;
  const t = useTranslations("charts");
  const locale = useLocale();
  const data = useMemo(
    () => limitSeries({ series, points: withGaps(points, stepMs) }, t("others")),
    [series, points, stepMs, t],
  );
  const scale = useMemo(
    () => valueScale(largestValue(data, stacking), unit, locale),
    [data, stacking, unit, locale],
  );
  const generated = useMemo(() => generatedRanges(data.points), [data]);
  const first = points[0];
  const last = points.at(-1);
  if (!first || !last) return <ChartEmpty height={height}>{props.empty}</ChartEmpty>;
  return (
    <ChartFrame
      label={props.label}
      generated={generated.length > 0}
      legend={data.series.map((one) => ({
        ...one,
        value: formatValue(lastKnown(data, one.key), unit, locale),
      }))}
      table={<SeriesTable data={data} unit={unit} label={props.label} />}
    >
      <div style={{ height }} role="img" aria-label={props.label} title={props.onRange && t("brushHint")}>
        <Plot
          data={data}
          unit={unit}
          scale={scale}
          range={props.range ?? { fromMs: first.atMs, untilMs: last.atMs }}
          shape={props.shape ?? "area"}
          stacking={stacking}
          marks={props.marks ?? []}
          generated={generated}
          height={height}
          onRange={props.onRange}
        />
      </div>
    </ChartFrame>
  );
}

const lastKnown = (data: SeriesData, key: string): number | null =>
  data.points.findLast((point) => typeof point.values[key] === "number")?.values[key] ?? null;

/** The same figures, newest first. */
function SeriesTable({ data, unit, label }: { data: SeriesData; unit: ChartUnit; label: string }) {
  const t = useTranslations("charts");
  const locale = useLocale();
  const timeZone = useTimeZone();
  return (
    <Table caption={label} flush>
      <thead>
        <tr>
          <Th>{t("time")}</Th>
          {data.series.map((one) => (
            <Th key={one.key} align="end">
              {one.label}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {data.points.toReversed().map((point) => (
          <tr key={point.atMs}>
            <Td label={t("time")}>{formatDateTime(point.atMs, { locale, timeZone })}</Td>
            {data.series.map((one) => (
              <Td key={one.key} align="end" label={one.label}>
                {formatValue(point.values[one.key], unit, locale)}
              </Td>
            ))}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
