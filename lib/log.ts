import pino, { type Logger } from "pino";
import { env } from "@/lib/env";

/** Paths that never reach a log line, wherever they stand in the object. */
const SECRET_KEYS = [
  ...["password", "secret", "token", "config", "authorization", "cookie"],
  // The secrets of stores, as their drivers name them (log.test.ts).
  ...["apiKey", "accessKeySecret", "secretKey", "sessionToken", "proxyPassword"],
];
const redact = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]);

/** Errors carry the address they failed on in their text or fields: its password is left out. */
export const withoutPasswords = (line: string): string =>
  line.replace(/(\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s:/@"']{0,200}):[^\s@"']{1,1000}@/gi, "$1:[Redacted]@");

let root: Logger | undefined;

/** A logger that names its part of the system. JSON lines on stderr, secrets redacted. */
export function log(part: string): Logger {
  root ??= pino(
    {
      level: env().STRATA_LOG,
      redact,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      hooks: { streamWrite: withoutPasswords },
    },
    pino.destination(2),
  );
  return root.child({ part });
}
