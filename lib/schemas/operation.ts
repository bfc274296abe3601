import { z } from "zod";

export const OPERATION_STATES = [
  "queued",
  "running",
  "paused",
  "waiting",
  "succeeded",
  "partial",
  "failed",
  "cancelled",
] as const;
export type OperationState = (typeof OPERATION_STATES)[number];
export const ENDED_STATES: readonly OperationState[] = ["succeeded", "partial", "failed", "cancelled"];

/** Adjustable while an operation runs; takes effect within two seconds. */
export const throttleSchema = z.object({
  /** Rows per batch at most; the batch adapts below it to meet `targetBatchMs`. */
  batchRows: z.number().int().min(10).max(100_000).default(5_000),
  targetBatchMs: z.number().int().min(50).max(30_000).default(1_000),
  /** Rest between batches, as a share of the time worked: 0 none, 0.8 works a fifth of the time. */
  restRatio: z.number().min(0).max(0.99).default(0),
  statementTimeoutMs: z.number().int().min(1_000).max(3_600_000).default(60_000),
  lockTimeoutMs: z.number().int().min(100).max(600_000).default(2_000),
  /** Rest while a replica lags more than this; null: not watched. */
  maxReplicaLagMs: z.number().int().min(100).nullable().default(10_000),
  /** Local hours in which it may work, `HH:MM`; null: always. */
  window: z
    .object({
      from: z.string().regex(/^\d\d:\d\d$/),
      until: z.string().regex(/^\d\d:\d\d$/),
      timeZone: z.string(),
    })
    .nullable()
    .default(null),
});
export type Throttle = z.infer<typeof throttleSchema>;

/** One line of a proof: the same figure measured on both sides, independently. */
export interface ProofLine {
  name: string;
  rows: { source: string; target: string };
  digest: { source: string; target: string };
  equal: boolean;
}

export interface ProofSegment {
  segmentId: string;
  key: string;
  rowCount: string;
  sizeBytes: string;
  sha256: string;
  digest: string;
}

/** What an operation leaves behind to show that nothing was lost. Big figures as strings. */
export interface Proof {
  lines: ProofLine[];
  segments: ProofSegment[];
  /** Rows that changed during the run and stay where they were. */
  kept: { name: string; rowCount: number }[];
  /** Facts for operations that move nothing: sizes before and after, exact counts. */
  facts: { key: string; before?: string; after: string }[];
  complete: boolean;
  madeAt: string;
}

export interface StepState {
  name: string;
  state: "todo" | "running" | "done" | "skipped";
  startedAt: string | null;
  endedAt: string | null;
}
