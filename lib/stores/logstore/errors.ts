import type { ErrorCode } from "@/lib/errors";
import { StoreError } from "@/lib/errors";

interface Rule {
  code: ErrorCode;
  key: string;
  message: string;
  retryable?: boolean;
}

const rule = (code: ErrorCode, key: string, message: string, retryable?: boolean): Rule => ({
  code,
  key: `logstore.${key}`,
  message,
  retryable,
});

const BROKE = rule("unreachable", "connection", "The connection to the LogStore broke.", true);
const NO_ROUTE = rule("unreachable", "noRoute", "There is no route to the host.", true);
const NO_HOST = rule("unreachable", "host", "The host name does not resolve.", true);

/** SQLSTATE, or its class of two characters, or an errno of Node. Looked up from the longest to the shortest. */
const RULES: Readonly<Record<string, Rule>> = {
  "28P01": rule("forbidden", "password", "The LogStore refused the access key or its secret."),
  "28": rule("forbidden", "authorization", "The LogStore does not let this access key in."),
  "3D000": rule(
    "not_found",
    "project",
    "There is no project of this name at this endpoint, or it is new: that takes about 90 seconds. Look at the name and the region, or try again then.",
  ),
  "42501": rule("forbidden", "right", "The access key lacks a right for this (RAM). Nothing was changed."),
  "42P01": rule("not_found", "tableGone", "The logstore is not there (any more). Nothing was changed."),
  "3F000": rule("not_found", "tableGone", "The logstore is not there. Nothing was changed."),
  "42703": rule("stale_plan", "columnGone", "A field is not there (any more). Nothing was changed."),
  "55000": rule(
    "refused",
    "scanIndex",
    "The logstore cannot be queried: its scan index is off. Nothing was changed. Turn it on under Index attributes in the SLS console, then try again.",
  ),
  "0A000": rule("refused", "unsupported", "LogStore does not support this statement. Nothing was changed."),
  "25006": rule("forbidden", "readOnly", "This connection only reads. Nothing was changed."),
  "54": rule("conflict", "tooLarge", "A row is larger than a LogStore takes (1 MB). It was not written."),
  "22": rule("conflict", "value", "A value does not fit its field. Nothing was changed."),
  "57014": rule(
    "timeout",
    "statementTimeout",
    "The query took longer than it was allowed to. Nothing was changed.",
    true,
  ),
  "53": rule("unreachable", "resources", "The LogStore is short of resources, or a quota is used up.", true),
  "57": rule("unreachable", "shutdown", "The LogStore ended the session.", true),
  "08": BROKE,
  ECONNREFUSED: rule("unreachable", "refused", "Nothing listens at this host and port.", true),
  ENOTFOUND: NO_HOST,
  EAI_AGAIN: NO_HOST,
  ETIMEDOUT: rule("unreachable", "noAnswer", "The host does not answer.", true),
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  ECONNRESET: BROKE,
  EPIPE: BROKE,
  STRATA_NOT_POSTGRES: rule(
    "unreachable",
    "notPostgres",
    "What listens there does not speak PostgreSQL's protocol. Look at host and port: 5432, or 6432.",
    false,
  ),
  STRATA_NO_TLS: rule(
    "unreachable",
    "tlsRefused",
    "The server refuses TLS. Nothing was sent to it. Look at host and port.",
    false,
  ),
};

const CERTIFICATE = rule(
  "unreachable",
  "certificate",
  "The server's certificate is not trusted, has expired, or is for another host. Give its authority in the field CA, or choose require.",
  false,
);
/** OpenSSL's and Node's names for a certificate that does not hold. */
const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

function ruleOf(code: string | undefined): Rule | undefined {
  if (code === undefined) return undefined;
  if (TLS_CODE.test(code)) return CERTIFICATE;
  return RULES[code] ?? (/^[0-9A-Z]{5}$/.test(code) ? RULES[code.slice(0, 2)] : undefined);
}

const fieldsOf = (error: unknown): { code?: string; message?: string } => {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return typeof first === "object" && first !== null ? first : {};
};

/** SQLSTATE or errno of a failure, also of one that was already classified. */
export const sqlState = (error: unknown): string | undefined =>
  fieldsOf(error instanceof StoreError ? error.cause : error).code;

const isPlain = (error: unknown): boolean => error instanceof Error && error.constructor === Error;

/** Classifies by SQLSTATE or errno. A StoreError passes through as it is. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { code, message = String(error) } = fieldsOf(error);
  // node-pg reports a connection that ended under a query without any code.
  const found = code === undefined && isPlain(error) ? BROKE : ruleOf(code);
  const details = { sqlState: code ?? null, server: message };
  if (!found) {
    return new StoreError("internal", `The LogStore answered with an error: ${message}`, {
      key: "logstore.other",
      details,
      cause: error,
    });
  }
  return new StoreError(found.code, `${found.message} The server said: ${message}`, {
    key: found.key,
    details,
    retryable: found.retryable,
    cause: error,
  });
}

export const cancelledError = (cause?: unknown) =>
  new StoreError("cancelled", "It was cancelled. Nothing was changed by the cancelled statement.", {
    key: "cancelled",
    cause,
  });

export const callTimeout = (timeoutMs: number, cause?: unknown) =>
  new StoreError("timeout", `The LogStore did not answer within ${Math.round(timeoutMs / 100) / 10} s.`, {
    key: "logstore.noAnswerInTime",
    details: { timeoutMs },
    cause,
  });

export const readOnlyError = () =>
  new StoreError("forbidden", "This LogStore was opened for reading. Nothing was written.", {
    key: "logstore.readOnly",
    details: { server: "" },
  });
