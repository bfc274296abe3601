import { createHash } from "node:crypto";
import { type Db, db, pool } from "@/lib/control/database";
import type { Plan } from "@/lib/control/prisma/client/client";
import { AppError } from "@/lib/errors";
import type { PlanContext } from "@/lib/operations/operation";
import { operationOf } from "@/lib/operations/registry";
import { throttleSchema } from "@/lib/schemas/operation";
import {
  type BasisChange,
  type OperationKind,
  PLAN_MINUTES,
  type PlanBody,
  type PlanDto,
  type PlanInput,
} from "@/lib/schemas/plan";
import { openStore } from "@/lib/stores/open";

/** Who asks: set by the service that authorised them. */
export interface Actor {
  userId: string;
  name: string;
}

const PLAN_TIMEOUT_MS = 60_000;
/** Row counts that moved by less than this share are the same band: a table in use never stands still. */
const BAND_SHARE = 0.1;
const BAND_ROWS = 1_000;

export function planContext(signal?: AbortSignal): PlanContext {
  const timeout = AbortSignal.timeout(PLAN_TIMEOUT_MS);
  return {
    signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    now: new Date(),
    openStore: (storeId) => openStore(storeId, "read"),
  };
}

/**
 * Makes and stores the dry run of an operation. It expires after 15 minutes by the database's clock. Throws bad_input
 * with fields for what the input gets wrong, unreachable when a store does not answer. Writes nothing to any store.
 */
export async function makePlan(input: PlanInput, actor: Actor, signal?: AbortSignal): Promise<PlanDto> {
  const operation = operationOf(input.kind);
  const params = operation.params.parse(input.params);
  const body = await operation.plan(planContext(signal), params);
  const dataset = await db().dataset.findUniqueOrThrow({ where: { id: input.params.datasetId } });
  const expiresAt = await databaseTime(PLAN_MINUTES * 60);
  const plan = await db().plan.create({
    data: {
      kind: input.kind,
      datasetId: dataset.id,
      storeId: dataset.storeId,
      params: JSON.parse(JSON.stringify(params)),
      body: JSON.parse(JSON.stringify(body)),
      fingerprint: fingerprint(body.basis),
      createdById: actor.userId,
      expiresAt,
    },
  });
  return planDto(plan, null, false);
}

/** A stored plan as a screen shows it. Throws not_found. */
export async function readPlan(planId: string): Promise<PlanDto> {
  const plan = await db().plan.findUnique({ where: { id: planId }, include: { operation: true } });
  if (!plan) throw missingPlan();
  const now = await databaseTime(0);
  return planDto(plan, plan.operation?.id ?? null, plan.expiresAt <= now);
}

/**
 * A plan that may run now: not used, not expired, without a risk that says stop, and leaning on what still holds.
 * Throws stale_plan with `details.changes`, conflict when it was used, refused when it is blocked.
 */
export async function loadFreshPlan(
  planId: string,
  signal?: AbortSignal,
): Promise<{ plan: Plan; body: PlanBody }> {
  const plan = await db().plan.findUnique({ where: { id: planId }, include: { operation: true } });
  if (!plan) throw missingPlan();
  const body = bodyOf(plan);
  if (plan.usedAt) throw usedPlan(plan.operation?.id ?? null);
  if (plan.expiresAt <= (await databaseTime(0))) throw stalePlan(expired(plan));
  const stops = body.risks.filter((risk) => risk.severity === "stop");
  if (stops.length > 0) throw blockedPlan(stops.map((risk) => risk.key));
  const operation = operationOf(plan.kind);
  const now = await operation.basis(planContext(signal), operation.params.parse(plan.params));
  const changes = basisChanges(body.basis, now);
  if (changes.length > 0) throw stalePlan(changes);
  return { plan, body };
}

/** Marks a plan as used, once. Throws conflict when somebody else was faster, stale_plan when it ran out meanwhile. */
export async function consumePlan(planId: string, on: Db): Promise<void> {
  const done = await on.$executeRaw`
    UPDATE "Plan" SET "usedAt" = now() WHERE id = ${planId} AND "usedAt" IS NULL AND "expiresAt" > now()`;
  if (done === 1) return;
  const plan = await on.plan.findUnique({ where: { id: planId }, include: { operation: true } });
  if (plan && !plan.usedAt) throw stalePlan(expired(plan));
  throw usedPlan(plan?.operation?.id ?? null);
}

/** What of the basis is no longer as it was planned. */
export function basisChanges(planned: PlanBody["basis"], now: PlanBody["basis"]): BasisChange[] {
  const names = [...new Set([...Object.keys(planned), ...Object.keys(now)])];
  return names
    .map((name) => ({ name, planned: planned[name] ?? null, now: now[name] ?? null }))
    .filter((change) => !holds(change));
}

function holds({ name, planned, now }: BasisChange): boolean {
  if (planned === now) return true;
  if (!name.startsWith("rows ")) return false;
  // A count that could not be taken this time says nothing.
  if (typeof planned !== "number" || typeof now !== "number") return true;
  return Math.abs(now - planned) <= Math.max(BAND_ROWS, planned * BAND_SHARE);
}

export const bodyOf = (plan: Plan): PlanBody => plan.body as unknown as PlanBody;

/** What must be typed to run it; null: nothing. */
export function confirmation(plan: Plan): string | null {
  const operation = operationOf(plan.kind);
  return operation.destructive(operation.params.parse(plan.params), bodyOf(plan))
    ? bodyOf(plan).datasetName
    : null;
}

function planDto(plan: Plan, operationId: string | null, isExpired: boolean): PlanDto {
  const body = bodyOf(plan);
  return {
    planId: plan.id,
    kind: plan.kind as OperationKind,
    datasetId: plan.datasetId,
    storeId: plan.storeId,
    params: plan.params,
    body,
    createdAt: plan.createdAt.toISOString(),
    expiresAt: plan.expiresAt.toISOString(),
    operationId,
    state: planState(plan, body, isExpired),
    confirm: confirmation(plan),
    throttle: throttleSchema.parse({}),
  };
}

function planState(plan: Plan, body: PlanBody, isExpired: boolean): PlanDto["state"] {
  if (plan.usedAt) return "used";
  if (isExpired) return "expired";
  return body.risks.some((risk) => risk.severity === "stop") ? "blocked" : "ready";
}

async function databaseTime(secondsAhead: number): Promise<Date> {
  const result = await pool().query<{ at: Date }>("SELECT now() + $1 * interval '1 s' AS at", [secondsAhead]);
  return result.rows[0]?.at ?? new Date();
}

const fingerprint = (basis: PlanBody["basis"]): string =>
  createHash("sha256")
    .update(JSON.stringify(Object.entries(basis).sort()))
    .digest("hex");

const expired = (plan: Plan): BasisChange[] => [
  { name: "expiresAt", planned: plan.expiresAt.toISOString(), now: new Date().toISOString() },
];

function stalePlan(changes: BasisChange[]): AppError {
  const names = changes.map((change) => change.name).join(", ");
  return new AppError(
    "stale_plan",
    `This plan no longer describes what would happen (changed: ${names}). Nothing was changed. Make a new plan and compare.`,
    { key: "stalePlan", details: { changes, names } },
  );
}

function usedPlan(operationId: string | null): AppError {
  return new AppError("conflict", "This plan was run already. Look at its operation, or make a new plan.", {
    key: "planUsed",
    details: { operationId },
  });
}

function blockedPlan(risks: string[]): AppError {
  return new AppError(
    "refused",
    `This plan cannot be run before something is mended (${risks.join(", ")}). Nothing was changed. The plan says what to do.`,
    { key: "planBlocked", details: { risks: risks.join(", ") } },
  );
}

function missingPlan(): AppError {
  return new AppError("not_found", "There is no such plan. Nothing was changed. Make a new one.", {
    key: "planMissing",
  });
}
