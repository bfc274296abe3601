import { randomUUID } from "node:crypto";
import { asControlError } from "@/lib/control/database";
import { type ErrorDto, isAppError } from "@/lib/errors";
import { log } from "@/lib/log";

/**
 * A failure as it leaves the server. What we threw keeps its sentence; anything else becomes a fixed one with a
 * reference, and the cause goes to the log under the same reference, never to the browser.
 */
export function errorDto(thrown: unknown, where: string): ErrorDto {
  const error = asControlError(thrown);
  if (isAppError(error)) {
    const { code, message, fields, details, key } = error;
    return { code, message, ...(fields && { fields }), ...(details && { details }), ...(key && { key }) };
  }
  const ref = randomUUID().slice(0, 8);
  log("errors").error({ err: error, ref, where }, "an unexpected failure");
  return {
    code: "internal",
    message: `Something unexpected happened; what was asked for was not done. Look for ${ref} in Strata's log.`,
    key: "internal",
    details: { ref },
    ref,
  };
}
