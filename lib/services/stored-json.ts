import type { Prisma } from "@/lib/control/prisma/client/client";

/**
 * A JSON column as the type it was written with. Only for columns that nobody but Strata writes: their shape is
 * ours, and checking a year of statistics on every page would cost more than the page.
 */
export const stored = <T>(value: Prisma.JsonValue | null | undefined): T | null =>
  value === null || value === undefined ? null : (value as unknown as T);

/** A plain value as Prisma wants it for a JSON column. Drops undefined members. */
export const toJson = (value: unknown): Prisma.InputJsonValue =>
  JSON.parse(JSON.stringify(value)) as Prisma.InputJsonValue;

export const iso = (at: Date | null | undefined): string | null => at?.toISOString() ?? null;
