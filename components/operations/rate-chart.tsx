"use client";
import { useTranslations } from "next-intl";
import { useMemo } from "react";
import { TimeSeries } from "@/components/charts/time-series";
import type { RatePoint } from "@/lib/schemas/operation";

/** Bytes or rows a second over the operation's life. */
export function RateChart({ rates, unit }: { rates: readonly RatePoint[]; unit: "bytes" | "rows" }) {
  const t = useTranslations("operationPage");
  const points = useMemo(
    () =>
      rates.map((rate) => ({
        atMs: Date.parse(rate.at),
        values: { rate: unit === "bytes" ? rate.bytesPerSec : rate.rowsPerSec },
      })),
    [rates, unit],
  );
  return (
    <TimeSeries
      label={t("rate")}
      series={[{ key: "rate", label: t("rate"), tone: "1" }]}
      points={points}
      unit={unit === "bytes" ? "bytesPerSecond" : "rowsPerSecond"}
      empty={t("noRate")}
    />
  );
}
