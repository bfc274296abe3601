import { mkdir, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asControlError, db } from "@/lib/control/database";
import { env } from "@/lib/env";
import { AppError, isAppError } from "@/lib/errors";
import { log } from "@/lib/log";
import {
  type Checkpoint,
  type Operation,
  PROOF_STEP,
  type Step,
  type StepContext,
} from "@/lib/operations/operation";
import { operationOf } from "@/lib/operations/registry";
import { quarantineCount, stepContext } from "@/lib/operations/run/context";
import { isRetryable, toErrorDto, waitMs } from "@/lib/operations/run/failure";
import { Heart } from "@/lib/operations/run/heart";
import {
  LeaseLost,
  type Progress,
  type Release,
  releaseLease,
  saveCheckpoint,
  type TakenOperation,
  takeLease,
} from "@/lib/operations/run/lease";
import { Pace, pause } from "@/lib/operations/run/pace";
import { Recorder } from "@/lib/operations/run/recorder";
import type { OperationState, Proof, StepState } from "@/lib/schemas/operation";
import type { PlanBody } from "@/lib/schemas/plan";
import { openStore } from "@/lib/stores/open";
import type { Store } from "@/lib/stores/store";

/** A statement that runs into its timeout is tried again with a smaller batch so many times. */
const TIMEOUT_TRIES = 5;

export interface RunOptions {
  /** Names this worker; a lease belongs to it. */
  owner: string;
  /** Aborted when the worker ends: the batch is finished, the operation goes back to the queue. */
  shutdown: AbortSignal;
  /** Called after the nth saved checkpoint. Throwing ends the run as a crash would: the lease is kept, nothing is written. */
  afterSave?(saved: number): void | Promise<void>;
  /** The same right before a checkpoint is saved: the step's effects are there, its cursor is not. */
  beforeSave?(saved: number): void | Promise<void>;
}

/** The state it left the operation in; `lost` when another worker took over; null when it could not be taken. */
export type RunResult = OperationState | "lost" | null;

/** Takes an operation and works on it until its outcome, a pause, a wait, the worker's end or the loss of the lease. */
export async function runOperation(operationId: string, options: RunOptions): Promise<RunResult> {
  const taken = await takeLease(operationId, options.owner);
  if (!taken) return null;
  const run = new Run(taken, options);
  try {
    return await run.go();
  } finally {
    await run.end();
  }
}

/** Thrown by `afterSave`: passes through every handler of the run. */
class Crashed extends Error {}

async function crashable(hook: () => void | Promise<void> | undefined): Promise<void> {
  try {
    await hook();
  } catch (cause) {
    throw new Crashed("stopped at a checkpoint", { cause });
  }
}

class Run {
  private readonly recorder: Recorder;
  private readonly pace: Pace;
  private readonly heart: Heart;
  private readonly scratchDir: string;
  private readonly cursors: Record<string, unknown>;
  private steps: StepState[];
  private step: number;
  private doneRows: bigint;
  private doneBytes: bigint;
  private saved = 0;
  private readonly held = new Map<Store, () => void>();

  constructor(
    private readonly taken: TakenOperation,
    private readonly options: RunOptions,
  ) {
    const { lease } = taken;
    this.recorder = new Recorder(lease.operationId);
    this.pace = new Pace({
      throttle: taken.throttle,
      now: () => new Date(),
      replicaLagMs: () => this.replicaLagMs(),
    });
    this.heart = new Heart(lease, this.pace, options.shutdown);
    this.scratchDir = join(
      /* turbopackIgnore: true */ env().STRATA_DATA,
      "scratch",
      `${lease.operationId}-${lease.fence}`,
    );
    this.cursors = taken.cursor ?? {};
    this.steps = taken.steps;
    this.step = taken.step;
    this.doneRows = taken.doneRows;
    this.doneBytes = taken.doneBytes;
  }

  async go(): Promise<RunResult> {
    try {
      if (this.taken.wanted !== "run") this.heart.halt(this.taken.wanted);
      return await this.work();
    } catch (error) {
      if (error instanceof Crashed) throw error.cause;
      return await this.afterError(error);
    }
  }

  async end(): Promise<void> {
    this.heart.end();
    for (const letGo of this.held.values()) letGo();
    await this.recorder.close();
    await rm(this.scratchDir, { recursive: true, force: true });
  }

  private async work(): Promise<RunResult> {
    const operation = operationOf(this.taken.kind);
    const params = operation.params.parse(this.taken.params);
    const context = await this.prepare(this.heart.workSignal);
    this.recorder.line(
      this.taken.attempts > 1 ? `Goes on at step ${this.step + 1} (take ${this.taken.attempts})` : "Begins",
    );
    const steps = operation.steps(params);
    while (this.step < steps.length) {
      const step = steps[this.step];
      if (step) await this.runStep(step, context, params);
    }
    return await this.prove(operation, context, params);
  }

  private async prepare(signal: AbortSignal): Promise<StepContext> {
    await mkdir(this.scratchDir, { recursive: true });
    await this.sweepScratch();
    const stored = await db().plan.findUniqueOrThrow({ where: { id: this.taken.planId } });
    // Written by makePlan from a PlanBody; JSON has no other shape here.
    const plan = stored.body as unknown as PlanBody;
    const { taken, heart, pace, recorder, scratchDir, held, cursors } = this;
    return stepContext({ taken, heart, pace, recorder, scratchDir, held, cursors, plan }, signal);
  }

  /** What earlier runs of this operation on this machine left when they were killed. */
  private async sweepScratch(): Promise<void> {
    const folder = dirname(this.scratchDir);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (path === this.scratchDir || !name.startsWith(`${this.taken.lease.operationId}-`)) continue;
      await rm(path, { recursive: true, force: true });
    }
  }

  private async runStep(step: Step<unknown>, context: StepContext, params: unknown): Promise<void> {
    this.mark(step.name, "running");
    for (let timeouts = 0; ; ) {
      this.leaveIfAsked();
      const savedBefore = this.saved;
      try {
        await this.iterate(step, context, params);
        break;
      } catch (error) {
        if (this.saved > savedBefore) timeouts = 0;
        const again = isAppError(error) && error.code === "timeout" && !this.heart.stop;
        timeouts += 1;
        if (!again || timeouts > TIMEOUT_TRIES) throw error;
        this.pace.shrink();
        this.recorder.line(
          `${error.message} Trying again with ${this.pace.current().batchRows} rows a batch.`,
          "warn",
        );
      }
    }
    this.mark(step.name, "done");
    this.step += 1;
    await this.save(step.name);
  }

  private async iterate(step: Step<unknown>, context: StepContext, params: unknown): Promise<void> {
    const from = step.name in this.cursors ? step.cursor.parse(this.cursors[step.name]) : null;
    let startedAt = performance.now();
    for await (const checkpoint of step.run(context, params, from)) {
      const workedMs = performance.now() - startedAt;
      const rows = Number(checkpoint.doneRows - this.doneRows);
      this.take(step.name, checkpoint);
      await this.save(step.name, checkpoint.progress);
      this.pace.observe(rows, workedMs);
      this.leaveIfAsked();
      await this.pace.rest(workedMs, this.heart.restSignal);
      startedAt = performance.now();
    }
  }

  private take(stepName: string, checkpoint: Checkpoint<unknown>): void {
    this.cursors[stepName] = checkpoint.cursor;
    if (checkpoint.doneRows > this.doneRows) this.doneRows = checkpoint.doneRows;
    if (checkpoint.doneBytes > this.doneBytes) this.doneBytes = checkpoint.doneBytes;
    this.steps = this.steps.map((state) =>
      state.name === stepName ? { ...state, phase: checkpoint.phase ?? null } : state,
    );
    this.recorder.figures(this.doneRows, this.doneBytes);
  }

  private async save(stepName: string, progress?: number): Promise<void> {
    const at: Progress = {
      step: this.step,
      stepName,
      steps: this.steps,
      cursor: this.cursors,
      doneRows: this.doneRows,
      doneBytes: this.doneBytes,
      progress: progress ?? this.share(),
    };
    await crashable(() => this.options.beforeSave?.(this.saved + 1));
    this.heart.obey(await this.untilExpired(() => saveCheckpoint(this.taken.lease, at)));
    this.saved += 1;
    await crashable(() => this.options.afterSave?.(this.saved));
  }

  /** The control DB may be away for a moment: tries again for as long as the lease bears it. */
  private async untilExpired<T>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await call();
      } catch (error) {
        const mapped = asControlError(error);
        if (!isRetryable(mapped)) throw mapped;
        if (this.heart.expired()) throw new LeaseLost(this.taken.lease.operationId);
        await pause(250, this.heart.lostSignal);
      }
    }
  }

  private share(): number {
    const { totalBytes, totalRows } = this.taken;
    if (totalBytes && totalBytes > 0n) return Number(this.doneBytes) / Number(totalBytes);
    if (totalRows && totalRows > 0n) return Number(this.doneRows) / Number(totalRows);
    return this.step / Math.max(1, this.steps.length);
  }

  private mark(name: string, state: "running" | "done"): void {
    const now = new Date().toISOString();
    this.steps = this.steps.map((step) => {
      if (step.name !== name) return step;
      if (state === "done") return { ...step, state, phase: null, endedAt: now };
      return { ...step, state, startedAt: step.startedAt ?? now };
    });
  }

  private leaveIfAsked(): void {
    if (this.heart.stop) this.heart.restSignal.throwIfAborted();
  }

  private async prove(
    operation: Operation<unknown>,
    context: StepContext,
    params: unknown,
  ): Promise<RunResult> {
    this.leaveIfAsked();
    this.mark(PROOF_STEP, "running");
    await this.save(PROOF_STEP);
    const proof = await operation.proof(context, params);
    this.mark(PROOF_STEP, "done");
    if (!proof.complete)
      return await this.release({ state: "failed", proof, error: differs(), steps: this.steps });
    const quarantined = await quarantineCount(this.taken.lease.operationId);
    const state = quarantined > 0 ? "partial" : "succeeded";
    this.recorder.line(proofLine(proof));
    return await this.release({ state, proof, steps: this.steps });
  }

  private async afterError(error: unknown): Promise<RunResult> {
    const mapped = asControlError(error);
    if (error instanceof LeaseLost || this.heart.stop === "lost") return "lost";
    switch (this.heart.stop) {
      case "pause":
        this.recorder.line("Paused");
        return await this.release({ state: "paused" });
      case "shutdown":
        this.recorder.line("The worker ends; another one goes on");
        return await this.release({ state: "queued" });
      case "cancel":
        return await this.cancel();
      default:
        return isRetryable(mapped) ? await this.wait(mapped) : await this.fail(mapped);
    }
  }

  private async wait(error: unknown): Promise<RunResult> {
    const message = error instanceof Error ? error.message : String(error);
    const holdOffMs = waitMs(this.saved > 0 ? 1 : this.taken.attempts);
    this.recorder.line(`${message} Tries again in ${Math.round(holdOffMs / 1_000)} s.`, "warn");
    return await this.release({ state: "waiting", waitingFor: `store ${message}`, holdOffMs });
  }

  private async cancel(): Promise<RunResult> {
    this.recorder.line("Cancelled; brings every row to one tier");
    try {
      await this.settle();
    } catch (error) {
      const mapped = asControlError(error);
      if (error instanceof LeaseLost || this.heart.lostSignal.aborted) return "lost";
      if (isRetryable(mapped)) return await this.wait(mapped);
      const dto = toErrorDto(mapped, this.taken.lease.operationId);
      return await this.release({ state: "failed", error: dto, proof: await this.proofOfRest("failed") });
    }
    return await this.release({ state: "cancelled", proof: await this.proofOfRest("cancelled") });
  }

  private async fail(error: unknown): Promise<RunResult> {
    const dto = toErrorDto(error, this.taken.lease.operationId);
    this.recorder.line(dto.message, "error");
    try {
      await this.settle();
    } catch (cause) {
      if (cause instanceof LeaseLost || this.heart.lostSignal.aborted) return "lost";
      log("operations").warn({ err: cause, operationId: this.taken.lease.operationId }, "could not settle");
      this.recorder.line("Could not be tidied up; the next run of this dataset does it first.", "warn");
    }
    return await this.release({ state: "failed", error: dto, proof: await this.proofOfRest("failed") });
  }

  /** What was done until an early end. Null when even that cannot be told: the outcome must not wait for it. */
  private async proofOfRest(ending: "cancelled" | "failed"): Promise<Proof | null> {
    try {
      const operation = operationOf(this.taken.kind);
      const params = operation.params.parse(this.taken.params);
      return { ...(await operation.stopped(await this.prepare(this.heart.lostSignal), params)), ending };
    } catch (error) {
      log("operations").warn({ err: error, operationId: this.taken.lease.operationId }, "no proof");
      this.recorder.line("What was done until now could not be summed up in a proof.", "warn");
      return null;
    }
  }

  private async settle(): Promise<void> {
    const operation = operationOf(this.taken.kind);
    if (!operation.settle) return;
    const params = operation.params.parse(this.taken.params);
    const changed = await operation.settle(await this.prepare(this.heart.lostSignal), params);
    Object.assign(this.cursors, changed);
  }

  private async release(to: Release): Promise<RunResult> {
    try {
      await this.untilExpired(() => releaseLease(this.taken.lease, { steps: this.steps, ...to }));
      return to.state;
    } catch (error) {
      if (error instanceof LeaseLost) return "lost";
      throw error;
    }
  }

  private async replicaLagMs(): Promise<number | null> {
    try {
      const store = await openStore(this.taken.storeId, "read");
      const lag = (await store.check(this.heart.workSignal)).facts.replicaLagMs;
      return typeof lag === "number" ? lag : null;
    } catch {
      return null; // the step itself will meet the store's failure and say so
    }
  }
}

function differs(): { code: "corrupt"; message: string; key: string } {
  const { message } = new AppError("corrupt", DIFFERS);
  return { code: "corrupt", message, key: "proofDiffers" };
}

const DIFFERS =
  "The figures of the two sides differ. Nothing more is done to this dataset. Compare the lines of the proof and look at the segments before you archive it again.";

function proofLine(proof: Proof): string {
  if (proof.lines.length === 0) return "Done";
  const rows = proof.lines.reduce((sum, line) => sum + BigInt(line.rows.target), 0n);
  return `Proved: ${rows} rows agree on both sides`;
}
