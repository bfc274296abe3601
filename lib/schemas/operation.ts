import { z } from "zod";
import type { ErrorDto } from "@/lib/errors";
import { pageInputSchema } from "@/lib/schemas/page";

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
  batchRows: z.number().int().min(10).max(100_000).default(20_000),
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
  /** Set when the operation ended early: the proof covers what it had done until then. */
  ending?: "cancelled" | "failed";
  /** What an operation that ended early left where it was, counted at its end. */
  left?: ProofLeft[];
  /** What the figures do not cover: codes of `proof.notes.<code>`. */
  notes?: string[];
}

export interface ProofLeft {
  name: string;
  /** Rows that the plan meant to move. */
  planned: string | null;
  /** Rows and digest as counted; null when they could not be counted in time. */
  rows: string | null;
  digest: string | null;
}

export interface StepState {
  name: string;
  state: "todo" | "running" | "done" | "skipped";
  /** What a running step does at this moment: `operations.phases.<phase>`. */
  phase?: string | null;
  startedAt: string | null;
  endedAt: string | null;
}

export const WANTED = ["run", "pause", "cancel"] as const;
export type Wanted = (typeof WANTED)[number];

/** An operation in a list. */
export interface OperationDto {
  operationId: string;
  kind: string;
  title: string;
  datasetId: string | null;
  datasetName: string | null;
  storeId: string | null;
  storeName: string | null;
  state: OperationState;
  /** What was asked of it last; differs from `state` for up to two seconds. */
  wanted: Wanted;
  waitingFor: string | null;
  stepName: string | null;
  totalRows: number | null;
  doneRows: number;
  totalBytes: number | null;
  doneBytes: number;
  /** 0..1; never falls, 1 only with the outcome. */
  progress: number;
  rowsPerSec: number | null;
  bytesPerSec: number | null;
  /** Milliseconds left, as a range; null when it cannot be told. */
  etaMs: { min: number; max: number } | null;
  throttleReason: string | null;
  heartbeatAt: string | null;
  /** Running, but no heartbeat for 15 s: its worker is gone and another will take over. */
  stalled: boolean;
  error: ErrorDto | null;
  createdByName: string;
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  /** Null on a failed one that nobody looked at yet. */
  seenAt: string | null;
}

export interface OperationDetailDto extends OperationDto {
  planId: string;
  reason: string;
  params: unknown;
  steps: StepState[];
  throttle: Throttle;
  attempts: number;
  leaseOwner: string | null;
  proof: Proof | null;
  quarantineCount: number;
  quarantine: { rowKey: string[]; reason: string; at: string }[];
}

export interface LineDto {
  /** Grows; pass the last one as `after`. */
  lineId: string;
  at: string;
  level: "info" | "warn" | "error";
  text: string;
}

export interface RatePoint {
  at: string;
  rowsPerSec: number;
  bytesPerSec: number;
}

/** What the live feed of an operation sends. `snapshot` comes first and after each change. */
export type OperationEvent =
  | { type: "snapshot"; operation: OperationDetailDto }
  | { type: "lines"; lines: LineDto[] }
  | { type: "rates"; rates: RatePoint[] }
  | { type: "end"; state: OperationState };

/** Records that wait on a disk for their receiver; `kind` under `operationsPage.spools.`. */
export interface SpoolDto {
  kind: string;
  waiting: number;
  /** Lines that cannot be read; they are kept. */
  damaged: number;
  sizeBytes: number;
  since: string | null;
}

export const listOperationsSchema = pageInputSchema.extend({
  state: z.enum([...OPERATION_STATES, "active"]).optional(),
  kind: z.string().max(40).optional(),
  datasetId: z.string().optional(),
  storeId: z.string().optional(),
});
export const startOperationSchema = z.object({
  planId: z.string().min(1),
  /** The dataset's name as typed; must match for a destructive operation. */
  confirm: z.string().max(200).default(""),
  reason: z.string().trim().max(1_000).default(""),
  throttle: throttleSchema.partial().optional(),
});
export const operationIdSchema = z.object({ operationId: z.string().min(1) });
export const setThrottleSchema = z.object({
  operationId: z.string().min(1),
  throttle: throttleSchema,
});
export const listLinesSchema = z.object({
  operationId: z.string().min(1),
  after: z
    .string()
    .regex(/^\d{1,18}$/)
    .nullish(),
  limit: z.coerce.number().int().min(1).max(2_000).default(500),
});

export type ListOperationsInput = z.input<typeof listOperationsSchema>;
export type StartOperationInput = z.input<typeof startOperationSchema>;
export type SetThrottleInput = z.input<typeof setThrottleSchema>;
export type ListLinesInput = z.input<typeof listLinesSchema>;
