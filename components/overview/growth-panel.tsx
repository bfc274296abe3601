"use client";
import { useLocale, useTranslations } from "next-intl";
import { useMemo } from "react";
import { TimeSeries } from "@/components/charts/time-series";
import { Panel } from "@/components/ui/panel";
import { formatBytes } from "@/lib/format/bytes";
import type { OverviewDto } from "@/lib/schemas/overview";

const TIERS = ["hot", "archive", "cold"] as const;

type Growth = OverviewDto["growth"];

/** Marks nearer to each other than this share of the range become one: their labels would lie on each other. */
const NEAR = 0.08;

function mergeMarks(growth: Growth, label: (marks: Growth["marks"]) => string) {
  const nearMs = (Date.parse(growth.until) - Date.parse(growth.from)) * NEAR;
  const groups: Growth["marks"][] = [];
  for (const mark of [...growth.marks].sort((a, b) => a.at.localeCompare(b.at))) {
    const last = groups.at(-1);
    if (last?.[0] && Date.parse(mark.at) - Date.parse(last[0].at) < nearMs) last.push(mark);
    else groups.push([mark]);
  }
  return groups.map((marks) => ({ atMs: Date.parse(marks[0]?.at ?? ""), label: label(marks) }));
}

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
  const marks = useMemo(
    () =>
      mergeMarks(growth, (marks) =>
        marks.length === 1
          ? t(`marks.${marks[0]?.kind}`, { label: marks[0]?.label ?? "" })
          : t("marks.several", { count: marks.length }),
      ),
    [growth, t],
  );
  return (
    <Panel title={t("growth")} unit={t("growthUnit")}>
      <TimeSeries
        label={t("growth")}
        series={TIERS.map((tier) => ({ key: tier, label: tiers(tier), tone: tier }))}
        points={points}
        marks={marks}
        unit="bytes"
        stacking="stacked"
        range={{ fromMs: Date.parse(growth.from), untilMs: Date.parse(growth.until) }}
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
