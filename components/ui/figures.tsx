import { useLocale, useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { formatBytes, formatBytesChange, formatBytesExact } from "@/lib/format/bytes";
import { formatCount } from "@/lib/format/count";
import { formatDuration, formatDurationRange } from "@/lib/format/duration";
import { formatExact, type Numeric } from "@/lib/format/numeric";
import { formatPercent } from "@/lib/format/percent";
import { formatByteRate, formatRowRate } from "@/lib/format/rate";

/** A figure that may not be known: then a dash stands there, with the reason. */
type Maybe<T> = T | null | undefined;

interface Known<T> {
  value: Maybe<T>;
  /** Why there is no figure, when there is none. */
  reason?: string;
}

/** In place of a figure that is not known; never a bare 0. */
export function Dash({ reason }: { reason?: string }) {
  const t = useTranslations("common");
  return (
    <span title={reason ?? t("noValue")} className="text-muted">
      <span aria-hidden>–</span>
      <span className="sr-only">{reason ?? t("noValue")}</span>
    </span>
  );
}

/** Bytes in binary units, exact on hover. */
export function Bytes({ value, reason }: Known<Numeric>) {
  const locale = useLocale();
  const t = useTranslations("common");
  if (value === null || value === undefined) return <Dash reason={reason} />;
  return (
    <data
      value={String(value)}
      title={t("bytesExact", { bytes: formatBytesExact(value, locale) })}
      className="whitespace-nowrap"
    >
      {formatBytes(value, locale)}
    </data>
  );
}

/** Growth in bytes, with its sign. */
export function BytesChange({ value, reason }: Known<Numeric>) {
  const locale = useLocale();
  const t = useTranslations("common");
  if (value === null || value === undefined) return <Dash reason={reason} />;
  return (
    <data
      value={String(value)}
      title={t("bytesExact", { bytes: formatBytesExact(value, locale) })}
      className="whitespace-nowrap"
    >
      {formatBytesChange(value, locale)}
    </data>
  );
}

/** A count, exact on hover. */
export function Count({ value, reason }: Known<Numeric>) {
  const locale = useLocale();
  if (value === null || value === undefined) return <Dash reason={reason} />;
  return (
    <data value={String(value)} title={formatExact(value, locale)} className="whitespace-nowrap">
      {formatCount(value, locale)}
    </data>
  );
}

/** A count from statistics, with `~`. `age` is when it was taken, in words (`3 min ago`): show it beside too. */
export function Estimate({ value, reason, age }: Known<Numeric> & { age?: string }) {
  const locale = useLocale();
  const t = useTranslations("common");
  if (value === null || value === undefined) return <Dash reason={reason} />;
  const said = age ? t("estimatedAgo", { age }) : t("estimated");
  return (
    <data
      value={String(value)}
      title={`~${formatExact(value, locale)} · ${said}`}
      className="whitespace-nowrap"
    >
      ~{formatCount(value, locale)}
    </data>
  );
}

/** A share from 0 to 1. */
export function Percent({ value, reason }: Known<number>) {
  const locale = useLocale();
  if (value === null || value === undefined) return <Dash reason={reason} />;
  return (
    <data value={value} title={`${formatExact(value * 100, locale)} %`} className="whitespace-nowrap">
      {formatPercent(value, locale)}
    </data>
  );
}

/** A length of time in milliseconds, exact on hover; with `untilMs`, a range. */
export function Duration({ value, untilMs, reason }: Known<Numeric> & { untilMs?: Maybe<Numeric> }) {
  const locale = useLocale();
  if (value === null || value === undefined) return <Dash reason={reason} />;
  const ranged = untilMs !== null && untilMs !== undefined;
  return (
    <span
      title={`${formatExact(value, locale)}${ranged ? `–${formatExact(untilMs, locale)}` : ""} ms`}
      className="whitespace-nowrap"
    >
      {ranged ? formatDurationRange(value, untilMs, locale) : formatDuration(value, locale)}
    </span>
  );
}

/** Bytes or rows a second. */
export function Rate({ value, per, reason }: Known<Numeric> & { per: "bytes" | "rows" }) {
  const locale = useLocale();
  if (value === null || value === undefined) return <Dash reason={reason} />;
  return (
    <data value={String(value)} title={`${formatExact(value, locale)} /s`} className="whitespace-nowrap">
      {per === "bytes" ? formatByteRate(value, locale) : formatRowRate(value, locale)}
    </data>
  );
}

/** An identifier, digest or name in monospace; a long one is cut in the middle of the line, whole on hover. */
export function Code({ children, title, clip }: { children: ReactNode; title?: string; clip?: boolean }) {
  return (
    <code
      title={title ?? (typeof children === "string" ? children : undefined)}
      className={clip ? "inline-block max-w-full truncate align-bottom" : "[overflow-wrap:anywhere]"}
    >
      {children}
    </code>
  );
}
