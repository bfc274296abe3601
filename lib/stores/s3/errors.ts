import { type ErrorCode, isAppError, StoreError } from "@/lib/errors";

interface Rule {
  code: ErrorCode;
  key: string;
  message: string;
  retryable?: boolean;
}

const CREDENTIALS: Rule = {
  code: "forbidden",
  key: "s3.credentials",
  message: "The server refused the access key or its secret. Nothing was changed. Check both.",
};
const TOKEN: Rule = {
  code: "forbidden",
  key: "s3.token",
  message:
    "The session token is wrong or has expired. Nothing was changed. Enter a fresh one, or use a key that lasts.",
};
const CLOCK: Rule = {
  code: "refused",
  key: "s3.clock",
  message:
    "The clock of this machine and the server's differ by more than the server allows (15 minutes). Nothing was changed. Set the clocks right (NTP), then try again.",
  retryable: true,
};
const BUCKET: Rule = {
  // Not "not_found": that is said of an object, and its segment would be called lost.
  code: "unreachable",
  retryable: false,
  key: "s3.bucket",
  message:
    "There is no bucket of this name (any more). Nothing was changed. Check the name, the region and the endpoint; if the bucket was deleted, bring it back before anything else is archived.",
};
const OBJECT: Rule = {
  code: "not_found",
  key: "s3.object",
  message: "There is no such object in the bucket.",
};
const RIGHT: Rule = {
  code: "forbidden",
  key: "s3.right",
  message:
    "The access key lacks a right for this. Nothing was changed. The store's page names the rights it needs.",
};
const BUSY: Rule = {
  code: "unreachable",
  key: "s3.busy",
  message:
    "The server is overloaded or not ready and asks to slow down. Nothing was changed; it is tried again.",
  retryable: true,
};
const REGION: Rule = {
  code: "bad_input",
  key: "s3.region",
  message:
    "The bucket lies in another region, or behind another endpoint. Nothing was changed. Set the region it is in.",
};
const FULL: Rule = {
  code: "disk_full",
  key: "s3.full",
  message:
    "The server has no space left, or the bucket's quota is used up. Nothing of this object is visible and the source is untouched.",
  retryable: true,
};
const EXISTS: Rule = {
  code: "conflict",
  key: "s3.exists",
  message:
    "There is an object under this key already. Objects are never overwritten, so nothing was changed.",
};
const UNKNOWN_CALL: Rule = {
  code: "refused",
  key: "s3.notImplemented",
  message: "The server does not know this call of the S3 API. Nothing was changed.",
};
const STORAGE_CLASS: Rule = {
  code: "refused",
  key: "s3.storageClass",
  message:
    "The server has no such storage class. Nothing was changed. On MinIO set up a remote tier of that name first.",
};
const PROTOCOL: Rule = {
  code: "unreachable",
  key: "s3.protocol",
  message:
    "What answers there does not speak S3: a web page, a proxy or another server. Nothing was changed. Check endpoint and port; the console of a server is not its API.",
  retryable: false,
};
const CERTIFICATE: Rule = {
  code: "unreachable",
  key: "s3.certificate",
  message:
    "The server's certificate is not trusted, has expired or belongs to another host. Nothing was sent to it. Give its authority in the field CA, or correct the endpoint.",
  retryable: false,
};
const TLS: Rule = {
  code: "unreachable",
  key: "s3.tls",
  message:
    "The server does not speak TLS on this port. Nothing was sent to it. Write http:// in the endpoint, or use the port for https.",
  retryable: false,
};
const NO_ANSWER: Rule = {
  code: "unreachable",
  key: "s3.noAnswer",
  message: "The host does not answer.",
  retryable: true,
};
const CONNECTION: Rule = {
  code: "unreachable",
  key: "s3.connection",
  message: "The connection to the server broke.",
  retryable: true,
};
const REFUSED: Rule = {
  code: "unreachable",
  key: "s3.refused",
  message: "Nothing listens at this host and port.",
  retryable: true,
};
const HOST: Rule = {
  code: "unreachable",
  key: "s3.host",
  message: "The host name does not resolve.",
  retryable: true,
};

/** The S3 API's error code, or an errno of Node. */
const RULES: Readonly<Record<string, Rule>> = {
  InvalidAccessKeyId: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  InvalidAccessKey: CREDENTIALS,
  ExpiredToken: TOKEN,
  InvalidToken: TOKEN,
  InvalidTokenId: TOKEN,
  TokenRefreshRequired: TOKEN,
  RequestTimeTooSkewed: CLOCK,
  RequestExpired: CLOCK,
  NoSuchBucket: BUCKET,
  NoSuchKey: OBJECT,
  NotFound: OBJECT,
  AccessDenied: RIGHT,
  AllAccessDisabled: RIGHT,
  AccountProblem: RIGHT,
  SlowDown: BUSY,
  SlowDownRead: BUSY,
  SlowDownWrite: BUSY,
  ServiceUnavailable: BUSY,
  XMinioServerNotInitialized: BUSY,
  InternalError: BUSY,
  OperationAborted: BUSY,
  RequestTimeout: CONNECTION,
  PermanentRedirect: REGION,
  AuthorizationHeaderMalformed: REGION,
  IllegalLocationConstraintException: REGION,
  XMinioStorageFull: FULL,
  QuotaExceeded: FULL,
  XMinioAdminBucketQuotaExceeded: FULL,
  PreconditionFailed: EXISTS,
  NotImplemented: UNKNOWN_CALL,
  InvalidStorageClass: STORAGE_CLASS,
  MethodNotAllowed: UNKNOWN_CALL,
  ECONNREFUSED: REFUSED,
  ENOTFOUND: HOST,
  EAI_AGAIN: HOST,
  ETIMEDOUT: NO_ANSWER,
  TimeoutError: NO_ANSWER,
  EHOSTUNREACH: NO_ANSWER,
  ENETUNREACH: NO_ANSWER,
  ECONNRESET: CONNECTION,
  EPIPE: CONNECTION,
  ERR_STREAM_PREMATURE_CLOSE: CONNECTION,
  ERR_SSL_WRONG_VERSION_NUMBER: TLS,
  EPROTO: TLS,
};

/** Where the answer's body was missing (HEAD) or not the API's: the status alone. */
const BY_STATUS: Readonly<Record<number, Rule>> = {
  301: REGION,
  307: REGION,
  401: CREDENTIALS,
  403: RIGHT,
  404: OBJECT,
  405: UNKNOWN_CALL,
  407: {
    code: "forbidden",
    key: "s3.proxyAuth",
    message: "The proxy asks for a user and a password, or refused them. Nothing was sent to the server.",
  },
  412: EXISTS,
  429: BUSY,
  500: BUSY,
  501: UNKNOWN_CALL,
  502: BUSY,
  503: BUSY,
  504: BUSY,
  507: FULL,
};

const CERTIFICATE_CODE = /^(ERR_TLS|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;

interface Fields {
  name?: string;
  code?: unknown;
  message?: string;
  $metadata?: { httpStatusCode?: number };
  $response?: { statusCode?: number };
  cause?: unknown;
}

const fieldsOf = (error: unknown): Fields =>
  typeof error === "object" && error !== null ? (error as Fields) : {};

/** The HTTP status of the answer that failed; undefined when there was none. */
export function statusOf(error: unknown): number | undefined {
  const fields = fieldsOf(isAppError(error) ? error.cause : error);
  return fields.$metadata?.httpStatusCode ?? fields.$response?.statusCode;
}

/** The S3 API's code of a failure, also of one that was classified already. */
export function s3Code(error: unknown): string | undefined {
  const { name, code } = fieldsOf(isAppError(error) ? error.cause : error);
  return typeof code === "string" ? code : name;
}

/** Whether the answer named its error as the API does; a proxy's or a web server's 403 does not. */
export const isNamed = (error: unknown): boolean => Object.hasOwn(RULES, s3Code(error) ?? "");

function ruleOf(error: unknown): Rule | undefined {
  const { name, code } = fieldsOf(error);
  const status = statusOf(error);
  for (const text of [code, name]) {
    if (typeof text !== "string") continue;
    if (text.startsWith("HPE_")) return PROTOCOL;
    if (CERTIFICATE_CODE.test(text)) return CERTIFICATE;
    const rule = Object.hasOwn(RULES, text) ? RULES[text] : undefined;
    if (rule) return rule;
  }
  if (error instanceof AggregateError && error.errors.length > 0) return ruleOf(error.errors[0]);
  if (status === undefined) return fieldsOf(error).cause ? ruleOf(fieldsOf(error).cause) : undefined;
  // An answer of success that could not be read is nobody's S3.
  return status < 300 ? PROTOCOL : BY_STATUS[status];
}

/** Classifies by the API's code, the HTTP status or errno. `what` names the key or bucket it was about. */
export function toStoreError(error: unknown, what: string): StoreError {
  if (error instanceof StoreError) return error;
  if (isAppError(error)) return new StoreError(error.code, error.message, error);
  const rule = ruleOf(error);
  const details = { what, s3Code: s3Code(error) ?? null, status: statusOf(error) ?? null };
  if (rule)
    return new StoreError(rule.code, `${rule.message} (${what})`, {
      key: rule.key,
      details,
      retryable: rule.retryable,
      cause: error,
    });
  return new StoreError(
    "internal",
    `The server answered with an error it did not name in a way known here (${what}).`,
    {
      key: "s3.other",
      details: { ...details, server: String(s3Code(error) ?? "") },
      cause: error,
    },
  );
}

export const exists = (key: string, cause?: unknown): StoreError =>
  new StoreError("conflict", `${EXISTS.message} (${key})`, {
    key: EXISTS.key,
    details: { what: key },
    cause,
  });

export const noObject = (key: string, cause?: unknown): StoreError =>
  new StoreError("not_found", `${OBJECT.message} (${key})`, {
    key: OBJECT.key,
    details: { what: key },
    cause,
  });

export const notS3 = (what: string, cause?: unknown): StoreError =>
  new StoreError(PROTOCOL.code, `${PROTOCOL.message} (${what})`, {
    key: PROTOCOL.key,
    details: { what },
    retryable: false,
    cause,
  });

/** What a signal that fired means: the caller's wish, or its deadline. */
export function aborted(signal: AbortSignal, what: string): StoreError {
  const late = signal.reason instanceof Error && signal.reason.name === "TimeoutError";
  return late
    ? new StoreError("timeout", `The server did not answer in time (${what}).`, {
        key: "s3.timeout",
        details: { what },
      })
    : new StoreError("cancelled", `The work on ${what} was cancelled.`, {
        key: "cancelled",
        details: { what },
      });
}

/** Whether a failure leaves open if the server did what it was asked: the answer was lost. */
export const isUnsure = (error: unknown): boolean =>
  isAppError(error) &&
  (error.code === "unreachable" || error.code === "timeout") &&
  error.key !== CERTIFICATE.key;
