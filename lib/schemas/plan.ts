import { z } from "zod";
import type { Throttle } from "@/lib/schemas/operation";

export const OPERATION_KINDS = ["archive", "restore", "optimize", "count", "relocate"] as const;
export type OperationKind = (typeof OPERATION_KINDS)[number];

export const PLAN_MINUTES = 15;

const instant = z.iso.datetime({ offset: true });

export const archiveParamsSchema = z.object({
  datasetId: z.string(),
  /** Rows older than this move. A date or an age in days; resolved to an instant when the plan is made. */
  cutoff: z.union([z.object({ at: instant }), z.object({ days: z.number().int().min(1).max(36_500) })]),
  target: z.discriminatedUnion("tier", [
    z.object({ tier: z.literal("archive") }),
    z.object({ tier: z.literal("cold"), storeId: z.string() }),
  ]),
});

export const restoreParamsSchema = z.object({
  datasetId: z.string(),
  from: z.enum(["archive", "cold"]),
  /** A half-open range of the root's time, or rows named by key (a search result). */
  range: z.object({ from: instant.nullable(), until: instant.nullable() }).optional(),
  keys: z.array(z.array(z.string())).max(10_000).optional(),
});

export const optimizeParamsSchema = z.object({
  datasetId: z.string(),
  tier: z.enum(["hot", "archive", "cold"]).default("hot"),
  /** The object store whose objects are meant, for `cold`; by default the dataset's own. */
  storeId: z.string().optional(),
  action: z.object({
    kind: z.string().regex(/^[a-zA-Z]{1,40}$/),
    index: z.string().optional(),
  }),
});

export const countParamsSchema = z.object({ datasetId: z.string() });

/** Moves the cold tier of a family: `from` and `to` are object stores. */
export const relocateParamsSchema = z.object({
  datasetId: z.string(),
  from: z.string().min(1),
  to: z.string().min(1),
});

export const planInputSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("archive"), params: archiveParamsSchema }),
  z.object({ kind: z.literal("restore"), params: restoreParamsSchema }),
  z.object({ kind: z.literal("optimize"), params: optimizeParamsSchema }),
  z.object({ kind: z.literal("count"), params: countParamsSchema }),
  z.object({ kind: z.literal("relocate"), params: relocateParamsSchema }),
]);
export type PlanInput = z.infer<typeof planInputSchema>;
export type ArchiveParams = z.infer<typeof archiveParamsSchema>;
export type RestoreParams = z.infer<typeof restoreParamsSchema>;
export type OptimizeParams = z.infer<typeof optimizeParamsSchema>;
export type RelocateParams = z.infer<typeof relocateParamsSchema>;
export type CountParams = z.infer<typeof countParamsSchema>;

/** A sentence in the messages (`plan.<key>`) with its figures. */
export interface Sentence {
  key: string;
  details: Record<string, string | number>;
}

export interface Risk extends Sentence {
  /** `stop`: the plan cannot be run until this is mended; `fix` holds the statements that mend it. */
  severity: "info" | "warn" | "stop";
  fix?: string[];
}

export interface PlanMember {
  datasetId: string;
  name: string;
  rowCount: number;
  sizeBytes: number;
  months: { month: string; rowCount: number; sizeBytes: number; late: boolean }[];
}

/** The stored dry run. JSON; figures are estimates where `exact` is false. */
export interface PlanBody {
  kind: OperationKind;
  datasetName: string;
  storeName: string;
  targetName: string | null;
  /** The resolved cut-off, ISO. */
  cutoffAt: string | null;
  exact: boolean;
  rowCount: number;
  sizeBytes: number;
  members: PlanMember[];
  statements: string[];
  locks: Sentence[];
  risks: Risk[];
  estimate: { minMs: number; maxMs: number; bytesPerSec: number; measured: boolean } | null;
  space: { freeBytes: number | null; reusableBytes: number; returnedBytes: number; targetBytes: number };
  undo: Sentence;
  conflicts: { key: string[]; reason: string }[];
  /** What the staleness check compares: named values. */
  basis: Record<string, string | number>;
}

/** What changed since a stale plan was made. */
export interface BasisChange {
  name: string;
  planned: string | number | null;
  now: string | number | null;
}

/** A stored plan as a screen shows it. */
export interface PlanDto {
  planId: string;
  kind: OperationKind;
  datasetId: string | null;
  storeId: string | null;
  params: unknown;
  body: PlanBody;
  createdAt: string;
  expiresAt: string;
  /** Set once it was run; the operation it became. */
  operationId: string | null;
  /** `ready`, or why it cannot be run: it has a risk that says stop, it is too old, or it was used. */
  state: "ready" | "blocked" | "expired" | "used";
  /** What must be typed to run it; null: running it needs no confirmation. */
  confirm: string | null;
  throttle: Throttle;
}

export const planIdSchema = z.object({ planId: z.string().min(1) });
