import { isControlAway, pool } from "@/lib/control/database";
import { isAppError } from "@/lib/errors";
import { type Sample, writeSamples } from "@/lib/metrics/write";
import { SAMPLING } from "@/lib/schemas/metrics";
import type { StoreFailureDto } from "@/lib/schemas/store";
import { checkAccess, openStore } from "@/lib/stores/open";
import type { Health } from "@/lib/stores/store";

/** A store that needs longer than this counts as silent: the next look is never held up. */
const CHECK_MS = 8_000;

/** Aligned to the interval, so that two leaders for a moment write the same sample, once. */
export const tickOf = (now: Date, intervalMs: number): Date =>
  new Date(Math.floor(now.getTime() / intervalMs) * intervalMs);

interface Sampled {
  id: string;
  kind: string;
  writesEnabled: boolean;
}

let last: Sampled[] = [];

/** The stores there are; while the control DB is away, those there were: their samples then wait on the disk. */
async function stores(): Promise<Sampled[]> {
  try {
    const { rows } = await pool().query<Sampled>('SELECT id, kind, "writesEnabled" FROM "Store"');
    last = rows;
  } catch (error) {
    if (!isControlAway(error)) throw error;
  }
  return last;
}

const busy = new Set<string>();

/** Looks at every store at once and writes what it saw. A dead store delays no other, and not the next look. */
export async function sampleHealth(now: Date, signal: AbortSignal): Promise<void> {
  const at = tickOf(now, SAMPLING.healthMs);
  const looks = await Promise.all((await stores()).map((store) => look(store, at, signal)));
  await writeSamples(looks.flat(), now);
}

async function look(sampled: Sampled, at: Date, signal: AbortSignal): Promise<Sample[]> {
  const storeId = sampled.id;
  if (busy.has(storeId)) return []; // the last look still waits for its timeout
  busy.add(storeId);
  try {
    const health = await within(CHECK_MS, signal, async (limit) =>
      (await openStore(storeId, checkAccess(sampled))).check(limit),
    );
    await unlessAway(saveHealth(storeId, health));
    return [
      { subjectId: storeId, metric: "up", at, value: health.state === "unreachable" ? 0 : 1 },
      { subjectId: storeId, metric: "latencyMs", at, value: health.latencyMs },
    ];
  } catch (error) {
    if (signal.aborted) return [];
    // Not opened because the control DB is away: that says nothing about the store.
    if (isControlAway(error)) return [];
    await unlessAway(saveFailure(storeId, error));
    return [{ subjectId: storeId, metric: "up", at, value: 0 }];
  } finally {
    busy.delete(storeId);
  }
}

/** What a page shows is written by the next look; only samples must not be lost. */
async function unlessAway(saving: Promise<void>): Promise<void> {
  try {
    await saving;
  } catch (error) {
    if (!isControlAway(error)) throw error;
  }
}

/** Gives up waiting after the time even where a driver does not heed its signal. */
export async function within<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const late = new Promise<never>((_, reject) => {
    limit.addEventListener("abort", () => reject(limit.reason), { once: true });
  });
  return Promise.race([work(limit), late]);
}

/** Raw SQL on purpose: a row's updatedAt makes open handles reconnect, and a look changes nothing. */
async function saveHealth(storeId: string, health: Health): Promise<void> {
  await pool().query(
    `UPDATE "Store" SET health = $2, "healthAt" = now(), failure = NULL,
       "stateSince" = CASE WHEN state = $3 THEN "stateSince" ELSE now() END, state = $3 WHERE id = $1`,
    [storeId, JSON.stringify(health), health.state],
  );
}

async function saveFailure(storeId: string, error: unknown): Promise<void> {
  await pool().query(
    `UPDATE "Store" SET failure = $2, "healthAt" = now(),
       "stateSince" = CASE WHEN state = 'unreachable' THEN "stateSince" ELSE now() END, state = 'unreachable'
     WHERE id = $1`,
    [storeId, JSON.stringify(failureOf(error))],
  );
}

function failureOf(error: unknown): StoreFailureDto {
  if (isAppError(error)) {
    const { code, message, key, details } = error;
    return { code, message, ...(key && { key }), ...(details && { details }) };
  }
  const late = error instanceof Error && error.name === "TimeoutError";
  return late
    ? { code: "timeout", message: `It did not answer within ${CHECK_MS / 1_000} s.`, key: "storeTimeout" }
    : { code: "unreachable", message: "It could not be asked; the log says why.", key: "storeUnknown" };
}
