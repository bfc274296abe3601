"use client";
import { useRef } from "react";
import { classNames } from "./class-names";

export type BarTone = "accent" | "ok" | "warn" | "bad" | "muted" | "hot" | "archive" | "cold";

const FILL: Record<BarTone, string> = {
  accent: "bg-accent",
  ok: "bg-ok",
  warn: "bg-warn",
  bad: "bg-bad",
  muted: "bg-line-strong",
  hot: "bg-hot",
  archive: "bg-archive",
  cold: "bg-cold",
};

/** A bar from 0 to 1 that never falls; `null` is "under way, extent unknown". Give it the operation's id as key. */
export function Progress({
  ratio,
  label,
  tone = "accent",
  size = "sm",
}: {
  ratio: number | null;
  label: string;
  tone?: BarTone;
  size?: "sm" | "lg";
}) {
  const highest = useRef(0);
  if (ratio !== null) highest.current = Math.max(highest.current, Math.min(1, ratio));
  const percent = Math.floor(highest.current * 1000) / 10;
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={ratio === null ? undefined : Math.floor(percent)}
      className={classNames(
        "w-full overflow-hidden bg-track",
        size === "lg" ? "h-2.5 rounded-[3px]" : "h-1.5 rounded-full",
      )}
    >
      {ratio === null ? (
        <div className={classNames("progress-idle h-full w-1/5 rounded-[inherit]", FILL[tone])} />
      ) : (
        <div
          className={classNames("h-full rounded-[inherit] transition-[width]", FILL[tone])}
          style={{ width: `${percent}%` }}
        />
      )}
    </div>
  );
}

/** A share of a whole (heap of table), which may fall as it likes. */
export function ShareBar({
  ratio,
  label,
  tone = "accent",
}: {
  ratio: number;
  label: string;
  tone?: BarTone;
}) {
  const percent = Math.max(0, Math.min(100, ratio * 100));
  return (
    <div className="h-1.5 w-full min-w-16 overflow-hidden rounded-full bg-track">
      <span className="sr-only">{`${label}: ${Math.round(percent)} %`}</span>
      <div className={classNames("h-full rounded-full", FILL[tone])} style={{ width: `${percent}%` }} />
    </div>
  );
}
