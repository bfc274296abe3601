/**
 * Every failure that reaches a person is an AppError with one of these codes. One table maps a code to its
 * HTTP status, to the CLI's exit code and to whether trying again can help.
 */
export const ERROR_CODES = {
  bad_input: { status: 400, exit: 2 },
  unauthenticated: { status: 401, exit: 3 },
  forbidden: { status: 403, exit: 3 },
  not_found: { status: 404, exit: 4 },
  conflict: { status: 409, exit: 5 },
  stale_plan: { status: 409, exit: 5 },
  refused: { status: 422, exit: 6 },
  unreachable: { status: 503, exit: 7 },
  timeout: { status: 504, exit: 7 },
  disk_full: { status: 507, exit: 8 },
  corrupt: { status: 500, exit: 9 },
  cancelled: { status: 499, exit: 10 },
  internal: { status: 500, exit: 1 },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface AppErrorOptions {
  /** Field name → sentence, for forms. */
  fields?: Record<string, string>;
  /** Facts a screen may show: identifiers, limits, never secrets. They also fill the translated sentence. */
  details?: Record<string, unknown>;
  /** Names the sentence under `errors.` in the message files; without it the English message is shown. */
  key?: string;
  /** Whether the same call may succeed later without anyone changing anything. */
  retryable?: boolean;
  cause?: unknown;
}

/** A failure with a sentence for the operator: what happened, what it means for the data, what to do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly fields?: Record<string, string>;
  readonly details?: Record<string, unknown>;
  readonly key?: string;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.fields = options.fields;
    this.details = options.details;
    this.key = options.key;
    this.retryable = options.retryable ?? (code === "unreachable" || code === "timeout");
  }
}

/** A failure at a store's edge, classified by SQLSTATE, errno or HTTP status, never by message text. */
export class StoreError extends AppError {
  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(code, message, options);
    this.name = "StoreError";
  }
}

export interface ErrorDto {
  code: ErrorCode;
  message: string;
  fields?: Record<string, string>;
  details?: Record<string, unknown>;
  key?: string;
  /** Set when the cause was unexpected: find the same reference in the log. */
  ref?: string;
}

export const isAppError = (error: unknown): error is AppError => error instanceof AppError;
