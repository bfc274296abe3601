import { bytesScale, formatBytes } from "@/lib/format/bytes";
import { formatCount, formatCountShort } from "@/lib/format/count";
import { formatDuration } from "@/lib/format/duration";
import { type FormatLocale, NBSP, numberFormat } from "@/lib/format/numeric";
import { formatPercent } from "@/lib/format/percent";
import { formatByteRate, formatRowRate } from "@/lib/format/rate";
import { formatClock, formatClockSeconds, formatDay, formatMonth, type TimeOptions } from "@/lib/format/time";
import type { ChartRange, ChartUnit } from "./chart-types";

/** A value as the tooltip and the table write it. */
export function formatValue(value: number | null | undefined, unit: ChartUnit, locale: FormatLocale): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  switch (unit) {
    case "bytes":
      return formatBytes(value, locale);
    case "count":
      return formatCount(Math.round(value), locale);
    case "ms":
      return formatDuration(value, locale);
    case "ratio":
      return formatPercent(value, locale);
    case "bytesPerSecond":
      return formatByteRate(value, locale);
    case "rowsPerSecond":
      return formatRowRate(value, locale);
  }
}

/** 1, 2, 2.5 or 5 times a power of ten, so that at most `count` steps reach `maximum`. */
function niceStep(maximum: number, count: number): number {
  const rough = maximum / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  return factor * power;
}

export interface ValueScale {
  /** From 0 up; the last one is the top of the axis. */
  ticks: number[];
  labels: string[];
}

/** A zero-based axis with round figures in the unit: binary for bytes. */
export function valueScale(maximum: number, unit: ChartUnit, locale: FormatLocale, count = 3): ValueScale {
  const top = Number.isFinite(maximum) && maximum > 0 ? maximum : 1;
  const inBytes = unit === "bytes" || unit === "bytesPerSecond";
  const divisor = inBytes ? bytesScale(top).divisor : 1;
  const least = unit === "count" || (inBytes && divisor === 1) ? 1 : 0;
  const step = Math.max(least, niceStep(top / divisor, count));
  const steps = Math.max(1, Math.ceil(top / divisor / step - 1e-9));
  const ticks = Array.from({ length: steps + 1 }, (_, index) => index * step * divisor);
  return { ticks, labels: ticks.map((tick) => axisLabel(tick, unit, divisor, top, locale)) };
}

function axisLabel(
  tick: number,
  unit: ChartUnit,
  divisor: number,
  top: number,
  locale: FormatLocale,
): string {
  if (tick === 0) return "0";
  if (unit === "bytes" || unit === "bytesPerSecond") {
    const perSecond = unit === "bytesPerSecond" ? "/s" : "";
    return `${numberFormat(locale, 0, 2).format(tick / divisor)}${NBSP}${bytesScale(top).unit}${perSecond}`;
  }
  if (unit === "count" || unit === "rowsPerSecond") return formatCountShort(tick, locale);
  return formatValue(tick, unit, locale);
}

/** Below ten minutes two ticks would read the same without seconds. */
const MINUTES_WITH_SECONDS = 10 / 1_440;

/** Evenly spaced instants of a range with labels as fine as the range needs. */
export function timeTicks(
  range: ChartRange,
  count: number,
  options: TimeOptions,
): { atMs: number; label: string }[] {
  const lengthMs = range.untilMs - range.fromMs;
  if (lengthMs <= 0) return [];
  const days = lengthMs / 86_400_000;
  return Array.from({ length: count }, (_, index) => {
    const atMs = range.fromMs + (lengthMs * index) / (count - 1);
    if (days <= MINUTES_WITH_SECONDS) return { atMs, label: formatClockSeconds(atMs, options) };
    if (days <= 1.5) return { atMs, label: formatClock(atMs, options) };
    if (days <= 400) return { atMs, label: formatDay(atMs, options) };
    return { atMs, label: formatMonth(new Date(atMs).toISOString().slice(0, 7), options.locale) };
  });
}
