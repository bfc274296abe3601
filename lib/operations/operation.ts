import type { ZodType } from "zod";
import type { Proof, Throttle } from "@/lib/schemas/operation";
import type { OperationKind, PlanBody } from "@/lib/schemas/plan";
import type { Ability, Store } from "@/lib/stores/store";

/** What a plan may touch: stores opened for reading only. */
export interface PlanContext {
  signal: AbortSignal;
  now: Date;
  openStore(storeId: string, access: "read"): Promise<Store>;
}

export interface StepContext {
  operationId: string;
  signal: AbortSignal;
  now(): Date;
  /** As it stands this moment: read it before each batch. */
  throttle(): Throttle;
  openStore(storeId: string, access: "read" | "write"): Promise<Store>;
  log(text: string, level?: "info" | "warn" | "error"): void;
  /** Rows that could not be handled, each with its reason; past the threshold the run stops. */
  quarantine(rows: { key: readonly string[]; reason: string }[]): Promise<void>;
  plan: PlanBody;
  /** Private scratch folder of this operation on this worker; emptied when the operation ends. */
  scratchDir: string;
}

export interface Checkpoint<Cursor> {
  cursor: Cursor;
  /** Rows and bytes done by this operation so far, over all steps; they never fall. */
  doneRows: bigint;
  doneBytes: bigint;
}

/** Replaying from the last checkpoint is harmless: every write is idempotent, or atomic with its cursor. */
export interface Step<Params, Cursor = unknown> {
  name: string;
  cursor: ZodType<Cursor>;
  run(context: StepContext, params: Params, from: Cursor | null): AsyncIterable<Checkpoint<Cursor>>;
}

export interface Operation<Params> {
  kind: OperationKind;
  params: ZodType<Params>;
  /** What the dataset's store must be able to do for these parameters. */
  requires(params: Params): readonly Ability[];
  /** Whether running it changes or removes rows: then the typed name and a reason are needed. */
  destructive: boolean;
  /** Cannot write: its stores are opened for reading. */
  plan(context: PlanContext, params: Params): Promise<PlanBody>;
  steps(params: Params): readonly Step<Params>[];
  /** Made after the last step from what the steps left in their cursors. */
  proof(context: StepContext, params: Params, cursors: Record<string, unknown>): Promise<Proof>;
}
