import { z } from "zod";

/** One page of a list in keyset order. `next` is opaque: hand it back as `cursor`; null at the end. */
export interface Page<T> {
  items: T[];
  next: string | null;
}

/** What every list takes: the position to go on from and the most items to return. */
export const pageInputSchema = z.object({
  cursor: z.string().max(500).nullish(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});

export const instantSchema = z.iso.datetime({ offset: true });

/** A half-open range of time, both ends ISO instants. */
export const rangeSchema = z.object({ from: instantSchema, until: instantSchema });
export type Range = z.infer<typeof rangeSchema>;
