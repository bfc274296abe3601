import { z } from "zod";
import { noSums, sumSchema } from "@/lib/operations/sums";

/**
 * A window on its way. `writing`: its segments may or may not be there, nothing was deleted: they are thrown away and
 * written anew under other names. `committed`: they are proved and own the rows; what is left is to delete.
 */
export const pendingSchema = z.object({
  number: z.number().int(),
  state: z.enum(["writing", "committed"]),
  after: z.array(z.string()).nullable(),
  end: z.array(z.string()).nullable(),
  month: z.string().nullable(),
  /** Per member. Named before the first byte is written, so that whoever comes after a crash finds them. */
  segmentIds: z.array(z.string()),
  /** Per member: object key of the Parquet file; null where the window has no rows of it. */
  keys: z.array(z.string().nullable()),
  /** Per member: what the segment was proved to hold, and what was deleted from the source so far. */
  proved: z.array(sumSchema),
  deleted: z.array(sumSchema),
  bytes: z.string(),
  /** Rows that were looked at and are in segments already: of a store that they stay in until it drops them. */
  skipped: z.string().default("0"),
});

export const coldCursorSchema = z.object({
  /** The number of the next window, and the root cursor it begins after. */
  next: z.number().int(),
  after: z.array(z.string()).nullable(),
  pending: z.array(pendingSchema),
  /** Per member, over all windows that are finished. */
  proved: z.array(sumSchema),
  deleted: z.array(sumSchema),
  kept: z.array(sumSchema),
  /** Rows per member that were gone from the source before they could be deleted. */
  missing: z.array(sumSchema),
  rows: z.string(),
  bytes: z.string(),
});

export type PendingWindow = z.infer<typeof pendingSchema>;
export type ColdCursor = z.infer<typeof coldCursorSchema>;

export const firstCursor = (members: number): ColdCursor => ({
  next: 0,
  after: null,
  pending: [],
  proved: noSums(members),
  deleted: noSums(members),
  kept: noSums(members),
  missing: noSums(members),
  rows: "0",
  bytes: "0",
});

/** The next window, its segments named. The fence makes sure that no two runs ever write under one name. */
export function nextWindow(at: ColdCursor, operationId: string, fence: number): PendingWindow {
  const members = at.proved.length;
  const base = `${operationId.replaceAll("-", "")}-w${String(at.next).padStart(6, "0")}-f${fence}`;
  return {
    number: at.next,
    state: "writing",
    after: at.after,
    end: null,
    month: null,
    segmentIds: Array.from({ length: members }, (_, member) => `${base}-m${member}`),
    keys: Array.from({ length: members }, () => null),
    proved: noSums(members),
    deleted: noSums(members),
    bytes: "0",
    skipped: "0",
  };
}

/** From here on the store may hold something of this window: to be saved before that is so. */
export const announce = (at: ColdCursor, window: PendingWindow): ColdCursor => ({
  ...at,
  next: window.number + 1,
  pending: [...at.pending, window],
});

export const replacePending = (at: ColdCursor, window: PendingWindow): ColdCursor => ({
  ...at,
  pending: at.pending.map((one) => (one.number === window.number ? window : one)),
});

export const dropPending = (at: ColdCursor, number: number): ColdCursor => ({
  ...at,
  pending: at.pending.filter((one) => one.number !== number),
});
