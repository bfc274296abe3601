"use client";
import { useLocale, useTranslations } from "next-intl";
import { type ReactNode, useMemo } from "react";
import { Table, Td, Th } from "@/components/ui/table";
import { formatMonth } from "@/lib/format/time";
import { formatValue, type ValueScale, valueScale } from "./chart-format";
import { ChartEmpty, ChartFrame } from "./chart-frame";
import { TONE_COLOR } from "./chart-types";

const TIERS = ["cold", "archive", "hot"] as const;

/** One month (`2026-08`, UTC) with its rows or bytes in each tier. */
export interface MonthBar {
  month: string;
  hot: number;
  archive: number;
  cold: number;
}

export interface MonthBarsProps {
  /** What is drawn and its unit, for screen readers. */
  label: string;
  /** Oldest first, without holes. */
  months: readonly MonthBar[];
  unit: "count" | "bytes";
  /** Where the policy's hot rows begin. */
  policy?: { atMs: number; label: string };
  height?: number;
  generated?: boolean;
  empty?: ReactNode;
}

const totalOf = (bar: MonthBar): number => bar.hot + bar.archive + bar.cold;

/** Rows or bytes by month, the tiers on top of each other. Drawn without the chart library. */
export function MonthBars({ label, months, unit, policy, height = 190, generated, empty }: MonthBarsProps) {
  const t = useTranslations("tiers");
  const locale = useLocale();
  const scale = useMemo(
    () => valueScale(Math.max(0, ...months.map(totalOf)), unit, locale),
    [months, unit, locale],
  );
  if (months.length === 0) return <ChartEmpty height={height}>{empty}</ChartEmpty>;
  return (
    <ChartFrame
      label={label}
      generated={generated}
      legend={TIERS.map((tier) => ({ key: tier, label: t(tier), tone: tier }))}
      table={<MonthTable months={months} unit={unit} label={label} />}
    >
      <div role="img" aria-label={label} className="flex gap-2" style={{ height }}>
        <ValueAxis scale={scale} />
        <div className="relative min-w-0 flex-1">
          <Grid scale={scale} />
          <div className="absolute inset-x-0 top-2 bottom-[22px] flex items-end gap-[2%]">
            {months.map((bar) => (
              <Column key={bar.month} bar={bar} top={scale.ticks.at(-1) ?? 1} unit={unit} />
            ))}
          </div>
          <MonthLabels months={months} />
          {policy && <PolicyLine months={months} policy={policy} />}
        </div>
      </div>
    </ChartFrame>
  );
}

const bottomOf = (index: number, scale: ValueScale): string =>
  `calc(22px + (100% - 30px) * ${index / (scale.ticks.length - 1)})`;

function ValueAxis({ scale }: { scale: ValueScale }) {
  return (
    <div aria-hidden className="relative shrink-0 text-2xs text-muted">
      {/* The longest label gives the width. */}
      <span className="invisible whitespace-nowrap">
        {scale.labels.reduce((longest, label) => (label.length > longest.length ? label : longest), "")}
      </span>
      {scale.labels.map((label, index) => (
        <span
          key={label}
          className="absolute right-0 translate-y-1/2 whitespace-nowrap"
          style={{ bottom: bottomOf(index, scale) }}
        >
          {label}
        </span>
      ))}
    </div>
  );
}

function Grid({ scale }: { scale: ValueScale }) {
  return scale.ticks.map((tick, index) => (
    <div
      key={tick}
      className="absolute inset-x-0 border-t border-line"
      style={{ bottom: bottomOf(index, scale) }}
    />
  ));
}

function Column({ bar, top, unit }: { bar: MonthBar; top: number; unit: "count" | "bytes" }) {
  const t = useTranslations("tiers");
  const locale = useLocale();
  const lines = TIERS.filter((tier) => bar[tier] > 0).map(
    (tier) => `${t(tier)} ${formatValue(bar[tier], unit, locale)}`,
  );
  return (
    <div
      title={[formatMonth(bar.month, locale), ...lines].join("\n")}
      className="group flex h-full min-w-0 flex-1 flex-col justify-end gap-px"
    >
      {TIERS.toReversed()
        .filter((tier) => bar[tier] > 0)
        .map((tier) => (
          <div
            key={tier}
            className="min-h-[2px] rounded-[2px] transition-opacity group-hover:opacity-80"
            style={{ height: `${(bar[tier] / top) * 100}%`, background: TONE_COLOR[tier] }}
          />
        ))}
    </div>
  );
}

/** At most fourteen labels, else they run into each other. */
function MonthLabels({ months }: { months: readonly MonthBar[] }) {
  const locale = useLocale();
  const every = Math.ceil(months.length / 14);
  return (
    <div
      aria-hidden
      className="absolute inset-x-0 bottom-0 flex h-[18px] items-end gap-[2%] text-2xs text-muted"
    >
      {months.map((bar, index) => (
        <span
          key={bar.month}
          className={`min-w-0 flex-1 overflow-visible text-center whitespace-nowrap ${index % 2 === 1 ? "max-sm:invisible" : ""}`}
        >
          {index % every === 0 ? formatMonth(bar.month, locale, "short") : ""}
        </span>
      ))}
    </div>
  );
}

/** Where between the bars an instant lies: 0 at the left, 1 at the right end; null outside. */
export function positionOf(atMs: number, months: readonly { month: string }[]): number | null {
  const month = new Date(atMs).toISOString().slice(0, 7);
  const index = months.findIndex((bar) => bar.month === month);
  if (index < 0) return null;
  const from = Date.parse(`${month}-01T00:00:00Z`);
  const until = new Date(from).setUTCMonth(new Date(from).getUTCMonth() + 1);
  return (index + (atMs - from) / (until - from)) / months.length;
}

function PolicyLine({
  months,
  policy,
}: {
  months: readonly MonthBar[];
  policy: { atMs: number; label: string };
}) {
  const position = positionOf(policy.atMs, months);
  if (position === null) return null;
  return (
    <div
      className="pointer-events-none absolute top-0 bottom-[22px] border-l border-dashed border-muted"
      style={{ left: `${position * 100}%` }}
    >
      <span
        className={`absolute -top-1 bg-surface px-1 text-2xs whitespace-nowrap text-ink ${position > 0.5 ? "right-1" : "left-1"}`}
      >
        {policy.label}
      </span>
    </div>
  );
}

function MonthTable({
  months,
  unit,
  label,
}: {
  months: readonly MonthBar[];
  unit: "count" | "bytes";
  label: string;
}) {
  const t = useTranslations("charts");
  const tier = useTranslations("tiers");
  const locale = useLocale();
  return (
    <Table caption={label} flush>
      <thead>
        <tr>
          <Th>{t("month")}</Th>
          {TIERS.toReversed().map((name) => (
            <Th key={name} align="end">
              {tier(name)}
            </Th>
          ))}
          <Th align="end">{t("total")}</Th>
        </tr>
      </thead>
      <tbody>
        {months.toReversed().map((bar) => (
          <tr key={bar.month}>
            <Td label={t("month")}>{formatMonth(bar.month, locale)}</Td>
            {TIERS.toReversed().map((name) => (
              <Td key={name} align="end" label={tier(name)}>
                {formatValue(bar[name], unit, locale)}
              </Td>
            ))}
            <Td align="end" label={t("total")}>
              {formatValue(totalOf(bar), unit, locale)}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
