"use client";
import { useLocale, useTranslations } from "next-intl";
import { useMemo } from "react";
import { mergeMarks } from "@/components/charts/merge-marks";
import { TimeSeries } from "@/components/charts/time-series";
import { useMarkLabel } from "@/components/operations/use-mark-label";
import { Panel } from "@/components/ui/panel";
import { formatBytes } from "@/lib/format/bytes";
import type { OverviewDto } from "@/lib/schemas/overview";

const TIERS = ["hot", "archive", "cold"] as const;

/** Size of all datasets as one stacked area, with the operations that bent it. */
export function GrowthPanel({
  growth,
  coldSourceBytes,
}: {
  growth: OverviewDto["growth"];
  coldSourceBytes: number;
}) {
  const t = useTranslations("overview");
  const tiers = useTranslations("tiers");
  const locale = useLocale();
  const points = useMemo(
    () =>
      growth.points.map((point) => ({
        atMs: Date.parse(point.at),
        values: { hot: point.hotBytes, archive: point.archiveBytes, cold: point.coldBytes },
        generated: point.generated,
      })),
    [growth.points],
  );
  const label = useMarkLabel();
  const range = useMemo(
    () => ({ fromMs: Date.parse(growth.from), untilMs: Date.parse(growth.until) }),
    [growth.from, growth.until],
  );
  const marks = useMemo(() => mergeMarks(growth.marks, range, label), [growth.marks, range, label]);
  return (
    <Panel title={t("growth")} unit={t("growthUnit")}>
      <TimeSeries
        label={t("growth")}
        series={TIERS.map((tier) => ({ key: tier, label: tiers(tier), tone: tier }))}
        points={points}
        marks={marks}
        unit="bytes"
        stacking="stacked"
        range={range}
        empty={t("noGrowthYet")}
      />
      {coldSourceBytes > 0 && (
        <p className="mt-1.5 text-xs text-muted">
          {t("coldWas", { bytes: formatBytes(coldSourceBytes, locale) })}
        </p>
      )}
    </Panel>
  );
}
