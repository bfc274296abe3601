import type { Cursor, RowKey } from "@/lib/stores/batch";
import type { TimeColumn, TimeUnit } from "@/lib/stores/table";
import { textForm } from "@/lib/stores/text-form";

/** Where a reading stands: after this row, in the order time descending (rows without one last), key descending. */
export interface Position {
  timeUs: bigint | null;
  key: RowKey;
}

const US_PER_UNIT: Record<"s" | "ms" | "us", bigint> = { s: 1_000_000n, ms: 1000n, us: 1n };

/** Text form of a time in the column's own unit, as a store's cursor holds it. Empty for no time. */
export function timeText(timeUs: bigint | null, unit: TimeUnit): string {
  if (timeUs === null) return "";
  switch (unit) {
    case "timestamp":
    case "timestamptz":
      return textForm(unit, timeUs) ?? "";
    case "date":
      return textForm("date", timeUs / 86_400_000_000n) ?? "";
    case "s":
    case "ms":
    case "us":
      return (timeUs / US_PER_UNIT[unit]).toString();
  }
}

/** Microseconds of a cursor's time; null when it is not a finite time. */
export function timeUsOf(text: string, unit: TimeUnit): bigint | null {
  if (unit === "s" || unit === "ms" || unit === "us") {
    return /^-?\d+$/.test(text) ? BigInt(text) * US_PER_UNIT[unit] : null;
  }
  const match = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?)?(?:Z|\+00(?::?00)?)?$/.exec(text);
  if (!match) return null;
  const ms = Date.parse(`${match[1]}T${match[2] ?? "00:00:00"}Z`);
  return Number.isNaN(ms) ? null : BigInt(ms) * 1000n + BigInt((match[3] ?? "").padEnd(6, "0"));
}

export const toCursor = (position: Position, time: TimeColumn | null): Cursor => [
  ...(time ? [timeText(position.timeUs, time.unit)] : []),
  ...position.key,
];

export function fromCursor(cursor: Cursor, time: TimeColumn | null): Position {
  if (!time) return { timeUs: null, key: cursor };
  return { timeUs: timeUsOf(cursor[0] ?? "", time.unit), key: cursor.slice(1) };
}
