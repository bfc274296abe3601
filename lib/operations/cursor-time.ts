import type { Cursor } from "@/lib/stores/batch";
import type { TimeColumn, TimeUnit } from "@/lib/stores/table";

const PER_UNIT: Partial<Record<TimeUnit, bigint>> = { s: 1_000_000n, ms: 1_000n, us: 1n };
const TEXT = /^(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?)?(?:\+00(?::?00)?|Z)?$/;

/** Microseconds since 1970 UTC of a cursor's time; null for infinities and years that are not four digits. */
export function cursorTimeUs(cursor: Cursor, time: TimeColumn): bigint | null {
  const text = cursor[0] ?? "";
  const perUnit = PER_UNIT[time.unit];
  if (perUnit) return /^-?\d+$/.test(text) ? BigInt(text) * perUnit : null;
  const match = TEXT.exec(text);
  if (!match) return null;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = ""] = match;
  const ms = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  return BigInt(ms) * 1_000n + BigInt(fraction.padEnd(6, "0") || "0");
}
