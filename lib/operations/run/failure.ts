import { randomUUID } from "node:crypto";
import { type ErrorDto, isAppError } from "@/lib/errors";
import { log } from "@/lib/log";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;

/** How long an operation waits before it tries its store again: doubling, at most 15 s. */
export const waitMs = (failuresInARow: number): number =>
  Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.max(0, failuresInARow - 1));

/** Whether the same step may go on later without anybody changing anything. */
export const isRetryable = (error: unknown): boolean => isAppError(error) && error.retryable;

/** What a screen shows of a failure. An unexpected one becomes a fixed sentence with a reference into the log. */
export function toErrorDto(error: unknown, operationId: string): ErrorDto {
  if (isAppError(error)) {
    const { code, message, fields, details, key } = error;
    return { code, message, fields, details, key };
  }
  const ref = randomUUID().slice(0, 8);
  log("operations").error({ err: error, ref, operationId }, "an operation failed unexpectedly");
  return {
    code: "internal",
    message: `Something unexpected stopped the operation. What it had finished stays proved; nothing is half-done. Look for ${ref} in Strata's log, then plan it again.`,
    key: "operationInternal",
    ref,
  };
}
