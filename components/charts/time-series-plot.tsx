"use client";
import { useLocale, useTimeZone } from "next-intl";
import { useState } from "react";
import {
  Area,
  CartesianGrid,
  ComposedChart,
  Label,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import type { SeriesData } from "./chart-data";
import { timeTicks, type ValueScale } from "./chart-format";
import { ChartTooltip } from "./chart-tooltip";
import { type ChartMark, type ChartRange, type ChartUnit, TONE_COLOR } from "./chart-types";

export interface TimeSeriesPlotProps extends PlotLook {
  data: SeriesData;
  unit: ChartUnit;
  scale: ValueScale;
  range: ChartRange;
  marks: readonly ChartMark[];
  generated: readonly ChartRange[];
  height: number;
  onRange?: (range: ChartRange) => void;
}

interface PlotLook {
  shape: "line" | "area";
  stacking: "stacked" | "apart";
}

const TICK = { fontSize: 11, fill: "var(--color-muted)" };

/** The drawing itself: the only file, with its tooltip, that loads the chart library. */
export function TimeSeriesPlot(props: TimeSeriesPlotProps) {
  const { data, unit, scale, range, height } = props;
  const locale = useLocale();
  const timeZone = useTimeZone();
  const ticks = timeTicks(range, 5, { locale, timeZone });
  const drag = useDrag(props.onRange);
  return (
    <ResponsiveContainer width="100%" height={height}>
      <ComposedChart
        data={data.points.map((point) => ({ atMs: point.atMs, ...point.values }))}
        margin={{ top: 8, right: 2, bottom: 0, left: 0 }}
        accessibilityLayer={false}
        {...drag.handlers}
        style={{ cursor: props.onRange ? "crosshair" : "default" }}
      >
        <CartesianGrid vertical={false} stroke="var(--color-line)" />
        <XAxis
          dataKey="atMs"
          type="number"
          domain={[range.fromMs, range.untilMs]}
          allowDataOverflow
          ticks={ticks.map(({ atMs }) => atMs)}
          interval={0}
          tickLine={false}
          axisLine={{ stroke: "var(--color-line)" }}
          height={22}
          tick={(tick) => (
            <TimeTick
              x={Number(tick.x)}
              y={Number(tick.y)}
              index={tick.index}
              count={ticks.length}
              label={ticks[tick.index]?.label ?? ""}
            />
          )}
        />
        <YAxis
          domain={[0, scale.ticks.at(-1) ?? 1]}
          ticks={scale.ticks}
          tickFormatter={(_, index) => scale.labels[index] ?? ""}
          tickLine={false}
          axisLine={false}
          tick={TICK}
          width={axisWidth(scale)}
        />
        {props.generated.map((stretch) => (
          <ReferenceArea
            key={`generated ${stretch.fromMs}`}
            x1={Math.max(stretch.fromMs, range.fromMs)}
            x2={Math.min(stretch.untilMs, range.untilMs)}
            fill="var(--color-muted)"
            fillOpacity={0.07}
          />
        ))}
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: "var(--color-line-strong)" }}
          content={({ active, label }) =>
            active && typeof label === "number" ? <ChartTooltip data={data} atMs={label} unit={unit} /> : null
          }
        />
        {data.series.map((series) => (
          <Area
            key={series.key}
            dataKey={series.key}
            type="linear"
            stackId={props.stacking === "stacked" ? "all" : undefined}
            stroke={TONE_COLOR[series.tone]}
            strokeWidth={1.5}
            fill={TONE_COLOR[series.tone]}
            fillOpacity={fillOpacity(props, data.series.length)}
            dot={data.points.length < 3 ? { r: 2 } : false}
            activeDot={{ r: 3, strokeWidth: 0 }}
            connectNulls={false}
            isAnimationActive={false}
          />
        ))}
        {props.marks.map((mark) => (
          <ReferenceLine
            key={`${mark.atMs} ${mark.label}`}
            x={mark.atMs}
            stroke="var(--color-muted)"
            strokeDasharray="3 3"
          >
            <Label
              value={mark.label}
              fontSize={11}
              fill="var(--color-muted)"
              position={
                mark.atMs - range.fromMs < (range.untilMs - range.fromMs) * 0.6
                  ? "insideTopLeft"
                  : "insideTopRight"
              }
            />
          </ReferenceLine>
        ))}
        {drag.chosen && (
          <ReferenceArea
            x1={drag.chosen.fromMs}
            x2={drag.chosen.untilMs}
            fill="var(--color-accent)"
            fillOpacity={0.12}
          />
        )}
      </ComposedChart>
    </ResponsiveContainer>
  );
}

/** About 6.5 px for a figure, 12 for a Chinese character. */
function axisWidth(scale: ValueScale): number {
  const widths = scale.labels.map((label) =>
    [...label].reduce((sum, sign) => sum + (sign > "\u2e80" ? 12 : 6.5), 0),
  );
  return Math.ceil(Math.max(...widths)) + 10;
}

function fillOpacity(look: PlotLook, seriesCount: number): number {
  if (look.shape === "line") return 0;
  if (look.stacking === "stacked") return 0.55;
  return seriesCount > 2 ? 0.06 : 0.14;
}

/** The outermost labels stay inside the drawing. */
function TimeTick({
  x,
  y,
  index,
  count,
  label,
}: {
  x: number;
  y: number;
  index: number;
  count: number;
  label: string;
}) {
  const anchor = index === 0 ? "start" : index === count - 1 ? "end" : "middle";
  return (
    <text x={x} y={y + 8} textAnchor={anchor} fontSize={11} fill="var(--color-muted)">
      {label}
    </text>
  );
}

interface Pointed {
  activeLabel?: string | number;
}

/** Choosing a range by dragging across the chart. */
function useDrag(onRange: ((range: ChartRange) => void) | undefined) {
  const [ends, setEnds] = useState<[number, number] | null>(null);
  const chosen = ends && { fromMs: Math.min(...ends), untilMs: Math.max(...ends) };
  const at = (state: Pointed): number | null => {
    const atMs = Number(state.activeLabel);
    return state.activeLabel === undefined || Number.isNaN(atMs) ? null : atMs;
  };
  if (!onRange) return { chosen: null, handlers: {} };
  return {
    chosen,
    handlers: {
      onMouseDown: (state: Pointed) => {
        const atMs = at(state);
        if (atMs !== null) setEnds([atMs, atMs]);
      },
      onMouseMove: (state: Pointed) => {
        const atMs = at(state);
        if (atMs !== null) setEnds((now) => now && [now[0], atMs]);
      },
      onMouseUp: () => {
        setEnds(null);
        if (chosen && chosen.untilMs > chosen.fromMs) onRange(chosen);
      },
      onMouseLeave: () => setEnds(null),
    },
  };
}
