import { pool } from "@/lib/control/database";
import type { PlanBody } from "@/lib/schemas/plan";
import type { FamilyScope, RowAccess } from "@/lib/stores/rows";

const TRIAL_ROWS = 1_000;
const TRIAL_MS = 3_000;
/** Reading is the smaller part: writing, indexes, proof and delete come on top. */
const READ_SHARE = 4;
/** Spread of an estimate around a measured and around a guessed speed. */
const SPREAD = { measured: [0.8, 1.4], guessed: [0.6, 2.5] } as const;

/** Bytes per second of the last finished operations of a kind on a store; null when there was none worth measuring. */
export async function measuredSpeed(kind: string, tier: string, storeId: string): Promise<number | null> {
  const result = await pool().query<{ speed: string | null }>(
    `SELECT sum("doneBytes") / nullif(sum(extract(epoch FROM "endedAt" - "startedAt")), 0) AS speed FROM (
       SELECT "doneBytes", "endedAt", "startedAt" FROM "Operation"
       WHERE kind = $1 AND "storeId" = $3 AND state IN ('succeeded', 'partial') AND "doneBytes" > 1000000
         AND attempts = 1 AND coalesce(params #>> '{target,tier}', params ->> 'from') = $2
       ORDER BY "createdAt" DESC LIMIT 5) AS last`,
    [kind, tier, storeId],
  );
  const speed = Number(result.rows[0]?.speed ?? 0);
  return speed > 0 ? speed : null;
}

/** Reads up to a thousand rows and guesses from that; null when it could not read in three seconds. */
export async function trialSpeed(
  rows: RowAccess,
  scope: FamilyScope,
  signal: AbortSignal,
): Promise<number | null> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(TRIAL_MS)]);
  const startedAt = performance.now();
  const options = {
    member: 0,
    after: null,
    upTo: null,
    batchRows: TRIAL_ROWS,
    batchBytes: 16 << 20,
    digests: true,
  };
  try {
    for await (const batch of rows.read(scope, options, limited)) {
      const seconds = (performance.now() - startedAt) / 1_000;
      return batch.sizeBytes / Math.max(seconds, 0.001) / READ_SHARE;
    }
    return null;
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}

export function estimateOf(
  sizeBytes: number,
  speed: { bytesPerSec: number; measured: boolean } | null,
): PlanBody["estimate"] {
  if (!speed || speed.bytesPerSec <= 0) return null;
  const middleMs = (sizeBytes / speed.bytesPerSec) * 1_000;
  const [low, high] = speed.measured ? SPREAD.measured : SPREAD.guessed;
  return {
    minMs: Math.round(middleMs * low),
    maxMs: Math.round(middleMs * high) + 1_000,
    bytesPerSec: Math.round(speed.bytesPerSec),
    measured: speed.measured,
  };
}
