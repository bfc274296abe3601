import pino, { type Logger } from "pino";
import { env } from "@/lib/env";

/** Paths that never reach a log line, wherever they stand in the object. */
const SECRET_KEYS = ["password", "secret", "token", "config", "authorization", "cookie"];
const redact = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

let root: Logger | undefined;

/** A logger that names its part of the system. JSON lines on stderr, secrets redacted. */
export function log(part: string): Logger {
  root ??= pino(
    { level: env().STRATA_LOG, redact, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination(2),
  );
  return root.child({ part });
}
