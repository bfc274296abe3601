"use client";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import type { ChartRange } from "@/components/charts/chart-types";
import { TimeSeries } from "@/components/charts/time-series";
import type { LatencyPoint } from "@/lib/schemas/store";

const LINES = [
  { key: "p50", tone: "1" },
  { key: "p95", tone: "4" },
  { key: "p99", tone: "5" },
] as const;

/** Puts a dragged stretch of time into the address. */
export function useRangeInAddress(): (range: ChartRange) => void {
  const router = useRouter();
  const path = usePathname();
  const params = useSearchParams();
  return (range) => {
    const next = new URLSearchParams(params);
    next.delete("range");
    next.set("from", String(Math.round(range.fromMs)));
    next.set("until", String(Math.round(range.untilMs)));
    router.push(`${path}?${next}`, { scroll: false });
  };
}

/** p50, p95 and p99 of the smallest request's round trip. */
export function LatencyChart({
  latency,
  from,
  until,
}: {
  latency: readonly LatencyPoint[];
  from: string;
  until: string;
}) {
  const t = useTranslations("stores");
  const choose = useRangeInAddress();
  const points = useMemo(
    () =>
      latency.map((point) => ({
        atMs: Date.parse(point.at),
        values: { p50: point.p50, p95: point.p95, p99: point.p99 },
        generated: point.generated,
      })),
    [latency],
  );
  const known = points.some((point) => point.values.p50 !== null);
  return (
    <TimeSeries
      label={t("latencyLabel")}
      series={LINES.map((line) => ({ ...line, label: line.key }))}
      points={known ? points : []}
      unit="ms"
      shape="line"
      range={{ fromMs: Date.parse(from), untilMs: Date.parse(until) }}
      onRange={choose}
      empty={t("noLatencyRange")}
    />
  );
}
