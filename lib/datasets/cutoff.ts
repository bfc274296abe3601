import { AppError } from "@/lib/errors";
import type { ArchiveParams } from "@/lib/schemas/plan";

const DAY_MS = 86_400_000;

/**
 * The instant that a cut-off means. An age in days ends at midnight UTC, so that two plans made on one day cover the
 * same rows. Throws bad_input on the field `cutoff` when it lies in the future.
 */
export function resolveCutoff(cutoff: ArchiveParams["cutoff"], now: Date): Date {
  const at = "at" in cutoff ? new Date(cutoff.at) : daysBack(now, cutoff.days);
  if (at.getTime() <= now.getTime()) return at;
  const message = `The cut-off ${at.toISOString()} lies in the future: rows that are still being written would move. Nothing was changed. Choose an earlier one.`;
  throw new AppError("bad_input", message, {
    key: "cutoffInFuture",
    details: { cutoff: at.toISOString() },
    fields: { cutoff: message },
  });
}

function daysBack(now: Date, days: number): Date {
  return new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS - days * DAY_MS);
}

export const toUs = (at: Date): bigint => BigInt(at.getTime()) * 1_000n;

/** The answer when a cut-off finds no row. */
export function coversNothing(name: string, cutoffAt: string, oldestAt: string | null): AppError {
  const oldest = oldestAt ? ` The oldest row is from ${oldestAt}.` : " The table is empty.";
  const message = `No row of ${name} is older than ${cutoffAt}.${oldest} There is nothing to archive; nothing was changed.`;
  return new AppError("bad_input", message, {
    key: oldestAt ? "cutoffCoversNothing" : "tableEmpty",
    details: { name, cutoff: cutoffAt, oldest: oldestAt ?? "" },
    fields: { cutoff: message },
  });
}
