import type { PoolClient } from "pg";
import { AppError } from "@/lib/errors";
import type { Actor } from "@/lib/operations/plans";
import { inTransaction } from "@/lib/operations/run/lease";
import { hand } from "@/lib/operations/start";
import { type Throttle, throttleSchema } from "@/lib/schemas/operation";

interface Changed {
  title: string;
  state: string;
}

/** Pauses after the current batch, within two seconds; one that waits in the queue is paused at once. */
export async function pauseOperation(operationId: string, actor: Actor): Promise<void> {
  await change(
    operationId,
    actor,
    "pause",
    `wanted = 'pause', state = CASE WHEN state IN ('queued', 'waiting') THEN 'paused' ELSE state END
     WHERE id = $1 AND state IN ('queued', 'waiting', 'running') AND wanted <> 'cancel'`,
  );
}

/** Goes on where it stopped; one that waits for its store tries again at once. */
export async function resumeOperation(operationId: string, actor: Actor): Promise<void> {
  await change(
    operationId,
    actor,
    "resume",
    `wanted = 'run', state = CASE WHEN state IN ('paused', 'waiting') THEN 'queued' ELSE state END,
       "leaseUntil" = CASE WHEN state IN ('paused', 'waiting') THEN NULL ELSE "leaseUntil" END, "waitingFor" = NULL
     WHERE id = $1 AND (state IN ('paused', 'waiting') OR (state = 'running' AND wanted = 'pause'))`,
  );
  await hand(operationId);
}

/**
 * Ends it after the current batch. One that has begun is brought to a state where every row lies in one tier by a
 * worker, also when it is paused now; one that has not begun is cancelled at once.
 */
export async function cancelOperation(operationId: string, actor: Actor): Promise<void> {
  await change(
    operationId,
    actor,
    "cancel",
    `wanted = 'cancel',
       state = CASE WHEN "startedAt" IS NULL THEN 'cancelled' WHEN state IN ('paused', 'waiting') THEN 'queued' ELSE state END,
       "leaseUntil" = CASE WHEN state = 'running' THEN "leaseUntil" END,
       "endedAt" = CASE WHEN "startedAt" IS NULL THEN now() END
     WHERE id = $1 AND state IN ('queued', 'waiting', 'running', 'paused')`,
  );
  await hand(operationId);
}

/** Takes effect with the next renewal of the lease, about a second later. */
export async function setThrottle(operationId: string, throttle: Throttle, actor: Actor): Promise<void> {
  const parsed = throttleSchema.parse(throttle);
  await change(
    operationId,
    actor,
    "throttle",
    `throttle = $2::jsonb WHERE id = $1 AND state IN ('queued', 'waiting', 'running', 'paused')`,
    [JSON.stringify(parsed)],
  );
}

async function change(
  operationId: string,
  actor: Actor,
  verb: string,
  assignment: string,
  values: string[] = [],
): Promise<void> {
  await inTransaction(async (client) => {
    const result = await client.query<Changed>(
      `UPDATE "Operation" SET ${assignment} RETURNING title, state`,
      [operationId, ...values],
    );
    const row = result.rows[0];
    if (!row) throw await cannot(client, operationId, verb);
    await client.query(
      `INSERT INTO "AuditEntry" ("actorId", "actorName", action, subject, "subjectId", details)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        actor.userId,
        actor.name,
        `operation.${verb}`,
        row.title,
        operationId,
        JSON.stringify({ state: row.state, throttle: values[0] ? JSON.parse(values[0]) : undefined }),
      ],
    );
  });
}

async function cannot(client: PoolClient, operationId: string, verb: string): Promise<AppError> {
  const found = await client.query<Changed>('SELECT title, state FROM "Operation" WHERE id = $1', [
    operationId,
  ]);
  const row = found.rows[0];
  if (!row) return new AppError("not_found", "There is no such operation.", { key: "operationMissing" });
  return new AppError(
    "conflict",
    `"${row.title}" is ${row.state}: it cannot take "${verb}" now. Nothing was changed. Reload the page to see where it stands.`,
    { key: "operationState", details: { title: row.title, state: row.state, verb } },
  );
}
