"use client";
import { useLocale, useTimeZone } from "next-intl";
import { formatDateTime, formatExactTime, formatRelative, type Instant, toDate } from "@/lib/format/time";
import { Dash } from "./figures";
import { useNowText } from "./use-now";

interface Props {
  value: Instant | null | undefined;
  /** Why there is no time, when there is none. */
  reason?: string;
}

/** Relative within 24 hours, else local; exact with its zone on hover. It keeps itself up to date. */
export function TimeAgo({ value, reason }: Props) {
  if (value === null || value === undefined) return <Dash reason={reason} />;
  return <Ago value={value} />;
}

function Ago({ value }: { value: Instant }) {
  const locale = useLocale();
  const timeZone = useTimeZone();
  const text = useNowText((nowMs) => formatRelative(value, nowMs, { locale, timeZone }));
  return (
    <time
      dateTime={toDate(value).toISOString()}
      title={formatExactTime(value, { locale, timeZone })}
      className="whitespace-nowrap"
      suppressHydrationWarning
    >
      {text}
    </time>
  );
}

/** A time in full, local; exact with its zone on hover. */
export function DateTime({ value, reason }: Props) {
  const locale = useLocale();
  const timeZone = useTimeZone();
  if (value === null || value === undefined) return <Dash reason={reason} />;
  return (
    <time
      dateTime={toDate(value).toISOString()}
      title={formatExactTime(value, { locale, timeZone })}
      className="whitespace-nowrap"
    >
      {formatDateTime(value, { locale, timeZone })}
    </time>
  );
}
