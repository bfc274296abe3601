import type { ErrorDto } from "@/lib/errors";

/** What every server action answers. `error.ref` is set when the cause was unexpected: it is in the log. */
export type ActionResult<T> = { ok: true; data: T } | { ok: false; error: ErrorDto };
