import type { ZodType } from "zod";
import type { Proof, Throttle } from "@/lib/schemas/operation";
import type { OperationKind, PlanBody } from "@/lib/schemas/plan";
import type { Ability, Store, StoreTraits } from "@/lib/stores/store";

/** The last entry of every operation's steps: made by the runner, not by a step. */
export const PROOF_STEP = "proof";

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
  /** The last cursor of each step that has left one, by its name. */
  cursors: Readonly<Record<string, unknown>>;
  /** Rises with every take-over: names made from it are never reused by an earlier owner. */
  fence: number;
  /** Throws `LeaseLost` when another worker has taken over. Ask right before an effect that cannot be fenced. */
  holdLease(): Promise<void>;
  /** Private scratch folder of this operation on this worker; emptied when the operation ends. */
  scratchDir: string;
}

export interface Checkpoint<Cursor> {
  cursor: Cursor;
  /** Rows and bytes done by this operation so far, over all steps; they never fall. */
  doneRows: bigint;
  doneBytes: bigint;
  /** 0..1 where rows do not tell it (a server's own progress report). */
  progress?: number;
  /** What the step does at this moment, shown beside its name: `operations.phases.<phase>`. */
  phase?: string;
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
  /** What the dataset's store, which does things in the way of its traits, must be able to do for these parameters. */
  requires(params: Params, traits: StoreTraits): readonly Ability[];
  /** Whether running it changes or removes rows, or locks the table: then the typed name and a reason are needed. */
  destructive(params: Params, plan: PlanBody): boolean;
  /** Cannot write: its stores are opened for reading. */
  plan(context: PlanContext, params: Params): Promise<PlanBody>;
  /** What a plan leans on, read anew right before it runs; cheap. Names that begin with `rows ` may differ by a tenth. */
  basis(context: PlanContext, params: Params): Promise<PlanBody["basis"]>;
  steps(params: Params): readonly Step<Params>[];
  /**
   * Runs before an operation ends as cancelled or failed, with what its steps left in `context.cursors`: brings every
   * row to exactly one tier. Returns the cursors that this changed, by step. Idempotent. Absent: every checkpoint of it
   * is such a state.
   */
  settle?(context: StepContext, params: Params): Promise<Readonly<Record<string, unknown>>>;
  /** Made after the last step from what the steps left in their cursors. */
  proof(context: StepContext, params: Params): Promise<Proof>;
  /** The same for one that ends as cancelled or failed, after `settle`: what was done until then, what was left. */
  stopped(context: StepContext, params: Params): Promise<Proof>;
}
