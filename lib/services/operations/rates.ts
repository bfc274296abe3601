import { authorize } from "@/lib/auth/authorize";
import { pool } from "@/lib/control/database";
import { operationIdSchema, type RatePoint } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { findOperation } from "@/lib/services/operations/get";
import { parse } from "@/lib/services/parse";

const MAX_POINTS = 600;

/** Speed over the whole run, oldest first, at most 600 points: means of equal stretches. */
export async function listRates(actor: Actor, input: { operationId: string }): Promise<RatePoint[]> {
  authorize(actor, "operation.read");
  const { operationId } = parse(operationIdSchema, input);
  await findOperation(operationId);
  return loadRates(operationId);
}

export async function loadRates(operationId: string): Promise<RatePoint[]> {
  const { rows } = await pool().query<{ at: Date; rowsPerSec: number; bytesPerSec: number }>(
    `SELECT max(at) AS at, avg("rowsPerSec") AS "rowsPerSec", avg("bytesPerSec") AS "bytesPerSec"
     FROM (SELECT *, ntile($2) OVER (ORDER BY at) AS part FROM "OperationRate" WHERE "operationId" = $1) r
     GROUP BY part ORDER BY 1`,
    [operationId, MAX_POINTS],
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
