/** `2026-03-01`, as a date field gives it. */
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** How far the zone's clock is ahead of UTC at an instant, in milliseconds. */
function offsetMs(instantMs: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(instantMs);
  const of = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((part) => part.type === type)?.value);
  const local = Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
  return local - Math.floor(instantMs / 1000) * 1000;
}

/** The instant at which a day begins in a zone, as ISO text; null for what is no day. */
export function dayStart(day: string, timeZone: string, plusDays = 0): string | null {
  if (!DAY.test(day)) return null;
  const utcMs = Date.parse(`${day}T00:00:00Z`) + plusDays * 86_400_000;
  if (Number.isNaN(utcMs)) return null;
  // The offset at the guess may differ from the offset at the answer on the day the clocks change.
  const guessMs = utcMs - offsetMs(utcMs, timeZone);
  return new Date(utcMs - offsetMs(guessMs, timeZone)).toISOString();
}

/** The day an instant falls on in a zone; empty for none. `minusMs` 1 turns the end of a half-open range into its last day. */
export function dayOf(instant: string | null | undefined, timeZone: string, minusMs = 0): string {
  const ms = instant ? Date.parse(instant) - minusMs : Number.NaN;
  if (Number.isNaN(ms)) return "";
  return new Date(ms + offsetMs(ms, timeZone)).toISOString().slice(0, 10);
}
