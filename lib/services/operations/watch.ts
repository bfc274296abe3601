import { setTimeout as delay } from "node:timers/promises";
import { authorize } from "@/lib/auth/authorize";
import { type OperationEvent, operationIdSchema } from "@/lib/schemas/operation";
import type { Actor } from "@/lib/schemas/user";
import { findOperation, operationDetail } from "@/lib/services/operations/get";
import { loadLines } from "@/lib/services/operations/lines";
import { isEnded } from "@/lib/services/operations/load";
import { loadRates } from "@/lib/services/operations/rates";
import { parse } from "@/lib/services/parse";

export interface WatchOptions {
  /** Go on after this line, so that a reconnect repeats none. */
  afterLine: string | null;
  signal: AbortSignal;
  /** How often the operation is looked at; a second, unless a test says otherwise. */
  everyMs?: number;
}

/** Rates are a chart: once in five looks is enough. */
const RATES_EVERY = 5;

/**
 * What happens to an operation while somebody looks: a snapshot at once and after each change, new lines of its log,
 * its speed every five seconds. Ends with `end` once it has ended and its last lines were sent, or by the signal.
 */
export async function* watchOperation(
  actor: Actor,
  input: { operationId: string },
  { afterLine, signal, everyMs = 1_000 }: WatchOptions,
): AsyncIterable<OperationEvent> {
  authorize(actor, "operation.read");
  const { operationId } = parse(operationIdSchema, input);
  let sent = "";
  let line = afterLine && /^\d{1,18}$/.test(afterLine) ? BigInt(afterLine) : null;
  for (let look = 0; !signal.aborted; look++) {
    const row = await findOperation(operationId);
    const operation = await operationDetail(row);
    // Lines are read after the state: with the end seen, the last lines are there.
    const lines = await loadLines(operationId, line, line === null ? 500 : 2_000);
    const text = JSON.stringify(operation);
    if (text !== sent) yield { type: "snapshot", operation };
    sent = text;
    const last = lines.at(-1);
    if (last) yield { type: "lines", lines };
    line = last ? BigInt(last.lineId) : (line ?? 0n);
    const ended = isEnded(row.state);
    if (look % RATES_EVERY === 0 || ended) yield { type: "rates", rates: await loadRates(operationId) };
    if (ended) {
      yield { type: "end", state: operation.state };
      return;
    }
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
}
