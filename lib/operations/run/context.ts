import { pool } from "@/lib/control/database";
import { AppError } from "@/lib/errors";
import type { StepContext } from "@/lib/operations/operation";
import type { Heart } from "@/lib/operations/run/heart";
import type { TakenOperation } from "@/lib/operations/run/lease";
import type { Pace } from "@/lib/operations/run/pace";
import type { Recorder } from "@/lib/operations/run/recorder";
import type { PlanBody } from "@/lib/schemas/plan";
import { openStore, retainStore } from "@/lib/stores/open";
import type { Store } from "@/lib/stores/store";

/** More rows than this that could not be handled are no exceptions any more: the run stops. */
const QUARANTINE_LIMIT = 10_000;

export interface ContextParts {
  taken: TakenOperation;
  plan: PlanBody;
  heart: Heart;
  pace: Pace;
  recorder: Recorder;
  scratchDir: string;
  /** Filled by the runner as steps yield. */
  cursors: Readonly<Record<string, unknown>>;
  /** Handles of stores that the run holds open; let go when it ends. */
  held: Map<Store, () => void>;
}

/** What a step sees of its run. `signal` decides what ends it: the work's, or only the loss of the lease. */
export function stepContext(parts: ContextParts, signal: AbortSignal): StepContext {
  const { taken, heart, pace, recorder } = parts;
  return {
    operationId: taken.lease.operationId,
    signal,
    now: () => new Date(),
    throttle: () => pace.current(),
    openStore: async (storeId, access) => {
      const store = await openStore(storeId, access);
      if (!parts.held.has(store)) parts.held.set(store, retainStore(store));
      return store;
    },
    log: (text, level = "info") => recorder.line(text, level),
    quarantine: (rows) => quarantine(taken.lease.operationId, rows),
    plan: parts.plan,
    cursors: parts.cursors,
    fence: taken.lease.fence,
    holdLease: () => heart.hold(),
    scratchDir: parts.scratchDir,
  };
}

async function quarantine(
  operationId: string,
  rows: { key: readonly string[]; reason: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  // Replaying a batch names the same rows again: each is kept once.
  await pool().query(
    `INSERT INTO "QuarantineRow" ("operationId", "rowKey", reason)
     SELECT $1, t.key::jsonb, t.reason FROM unnest($2::text[], $3::text[]) AS t(key, reason)
     WHERE NOT EXISTS (SELECT FROM "QuarantineRow" q WHERE q."operationId" = $1 AND q."rowKey" = t.key::jsonb)`,
    [operationId, rows.map((row) => JSON.stringify(row.key)), rows.map((row) => row.reason)],
  );
  if ((await quarantineCount(operationId)) <= QUARANTINE_LIMIT) return;
  throw new AppError(
    "refused",
    `More than ${QUARANTINE_LIMIT} rows could not be handled; the operation stopped. They stay where they are. Look at the reasons in the quarantine, mend the cause and plan again.`,
    { key: "quarantineFull", details: { limit: QUARANTINE_LIMIT } },
  );
}

export async function quarantineCount(operationId: string): Promise<number> {
  const result = await pool().query<{ count: string }>(
    'SELECT count(*) FROM "QuarantineRow" WHERE "operationId" = $1',
    [operationId],
  );
  return Number(result.rows[0]?.count ?? 0);
}
