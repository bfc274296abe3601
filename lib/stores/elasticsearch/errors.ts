import { type ErrorCode, StoreError } from "@/lib/errors";

interface Rule {
  code: ErrorCode;
  key: string;
  message: string;
  retryable?: boolean;
}

/** What the server calls the error: `error.type` of its answer. */
const BY_TYPE: Readonly<Record<string, Rule>> = {
  index_not_found_exception: {
    code: "not_found",
    key: "elasticsearch.indexGone",
    message: "The index is not there (any more). Nothing was changed.",
  },
  index_closed_exception: {
    code: "refused",
    key: "elasticsearch.indexClosed",
    message: "The index is closed: it can be neither read nor written. Open it first. Nothing was changed.",
  },
  search_context_missing_exception: {
    code: "unreachable",
    key: "elasticsearch.contextGone",
    message: "The server forgot the point in time it was read at. Nothing was changed.",
    retryable: true,
  },
  circuit_breaking_exception: {
    code: "unreachable",
    key: "elasticsearch.breaker",
    message:
      "The server is short of memory and broke the request off (circuit breaker). Nothing was changed.",
    retryable: true,
  },
  es_rejected_execution_exception: {
    code: "unreachable",
    key: "elasticsearch.busy",
    message:
      "The server's queue is full and it refused the request. Nothing was changed; it can be tried again.",
    retryable: true,
  },
  rejected_execution_exception: {
    code: "unreachable",
    key: "elasticsearch.busy",
    message:
      "The server's queue is full and it refused the request. Nothing was changed; it can be tried again.",
    retryable: true,
  },
};

const BLOCKED: Rule = {
  code: "refused",
  key: "elasticsearch.blocked",
  message: "The index or the cluster is blocked for writing. Nothing was changed.",
};

/** 429 with a block is the disk's flood stage: index.blocks.read_only_allow_delete. */
const FLOODED: Rule = {
  code: "disk_full",
  key: "elasticsearch.flooded",
  message:
    "A disk of the cluster is past its flood stage: the server made the index read-only (read_only_allow_delete). Nothing was changed. Free space, or delete whole indices; the server lifts the block by itself.",
};

const BY_STATUS: Readonly<Record<number, Rule>> = {
  400: {
    code: "internal",
    key: "elasticsearch.badRequest",
    message: "The server did not accept the request.",
  },
  401: {
    code: "forbidden",
    key: "elasticsearch.password",
    message: "The server refused the user name, the password or the API key.",
  },
  403: {
    code: "forbidden",
    key: "elasticsearch.right",
    message: "The account lacks a privilege for this. Nothing was changed.",
  },
  404: { code: "not_found", key: "elasticsearch.notThere", message: "It is not there. Nothing was changed." },
  405: {
    code: "refused",
    key: "elasticsearch.noApi",
    message: "This server does not have the API that is needed for it. Nothing was changed.",
  },
  407: {
    code: "unreachable",
    key: "elasticsearch.proxy",
    message: "A proxy in between asks for a password.",
    retryable: false,
  },
  408: {
    code: "timeout",
    key: "elasticsearch.slow",
    message: "The server gave the request up: it took too long.",
  },
  409: {
    code: "conflict",
    key: "elasticsearch.conflict",
    message: "The document changed meanwhile. Nothing was changed by us.",
  },
  413: {
    code: "refused",
    key: "elasticsearch.tooLarge",
    message: "The request is larger than the server takes (http.max_content_length). Nothing was changed.",
  },
  429: {
    code: "unreachable",
    key: "elasticsearch.busy",
    message:
      "The server has too much to do and refused the request. Nothing was changed; it can be tried again.",
    retryable: true,
  },
};

const SERVER: Rule = {
  code: "unreachable",
  key: "elasticsearch.server",
  message: "The server or a proxy before it failed with an error of its own.",
  retryable: true,
};

/** errno of Node, and codes of undici and of its parser. */
const BY_CODE: Readonly<Record<string, Rule>> = {
  ECONNREFUSED: {
    code: "unreachable",
    key: "elasticsearch.refused",
    message: "Nothing listens at this host and port.",
  },
  ENOTFOUND: { code: "unreachable", key: "elasticsearch.host", message: "The host name does not resolve." },
  EAI_AGAIN: { code: "unreachable", key: "elasticsearch.host", message: "The host name does not resolve." },
  EHOSTUNREACH: {
    code: "unreachable",
    key: "elasticsearch.noRoute",
    message: "There is no route to the host.",
  },
  ENETUNREACH: {
    code: "unreachable",
    key: "elasticsearch.noRoute",
    message: "There is no route to the host.",
  },
  ETIMEDOUT: { code: "unreachable", key: "elasticsearch.noAnswer", message: "The host does not answer." },
  UND_ERR_CONNECT_TIMEOUT: {
    code: "unreachable",
    key: "elasticsearch.noAnswer",
    message: "The host does not answer.",
  },
  UND_ERR_HEADERS_TIMEOUT: {
    code: "timeout",
    key: "elasticsearch.noAnswerInTime",
    message: "The server did not answer in time.",
  },
  UND_ERR_BODY_TIMEOUT: {
    code: "timeout",
    key: "elasticsearch.noAnswerInTime",
    message: "The server did not answer in time.",
  },
};

const BROKEN: Rule = {
  code: "unreachable",
  key: "elasticsearch.connection",
  message: "The connection to the server broke.",
  retryable: true,
};
const OTHER_PROTOCOL: Rule = {
  code: "unreachable",
  key: "elasticsearch.otherProtocol",
  message: "What listens at this port does not speak HTTP. See that the port is Elasticsearch's (9200).",
  retryable: false,
};
const NO_TLS: Rule = {
  code: "unreachable",
  key: "elasticsearch.tls",
  message:
    "No TLS connection came about: the port speaks plain HTTP, or the two sides have no version in common.",
  retryable: false,
};
const CERTIFICATE: Rule = {
  code: "unreachable",
  key: "elasticsearch.certificate",
  message: "The server's certificate is not trusted. Give its authority in the field CA, or choose require.",
  retryable: false,
};

const EXPIRED: Rule = {
  code: "unreachable",
  key: "elasticsearch.certificateExpired",
  message: "The server's certificate has expired. Renew it there.",
  retryable: false,
};
const OTHER_HOST: Rule = {
  code: "unreachable",
  key: "elasticsearch.certificateHost",
  message: "The server's certificate is for another host. Use the name that stands in it, or choose require.",
  retryable: false,
};

const TLS_CODE = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|ERR_TLS_CERT)/;

function ruleOfCode(code: string | undefined): Rule {
  if (code === undefined) return BROKEN;
  if (code === "CERT_HAS_EXPIRED") return EXPIRED;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return OTHER_HOST;
  if (TLS_CODE.test(code)) return CERTIFICATE;
  if (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return NO_TLS;
  if (/^HPE_/.test(code)) return OTHER_PROTOCOL;
  return BY_CODE[code] ?? BROKEN;
}

/** The first code along the causes: undici wraps what the socket said. */
function codeOf(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; depth += 1) {
    const { code } = at as { code?: unknown };
    if (typeof code === "string") return code;
    // undici's parser leaves its code out when the answer does not even begin as HTTP does.
    if (at.name === "HTTPParserError") return "HPE_INVALID";
    at = at instanceof AggregateError ? at.errors[0] : at.cause;
  }
  return undefined;
}

/** A failure below HTTP. A StoreError passes as it is. */
export function transportError(error: unknown): StoreError {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1)
    if (at instanceof StoreError) return at;
  const code = codeOf(error);
  const rule = ruleOfCode(code);
  return new StoreError(rule.code, rule.message, {
    key: rule.key,
    details: { errorCode: code ?? "" },
    retryable: rule.retryable,
    cause: error,
  });
}

/** What the server put into `error`: its type and its sentence. */
export interface ServerError {
  type?: string;
  reason?: string;
  root_cause?: readonly { type?: string; reason?: string }[];
  caused_by?: ServerError;
}

/** The error of an answer, or of one item of a bulk request, by its status and its type. */
export function serverError(status: number, error: ServerError | string | undefined): StoreError {
  const fields = typeof error === "string" ? { reason: error } : (error ?? {});
  const deepest = rootOf(fields);
  const type = fields.root_cause?.[0]?.type ?? deepest.type ?? fields.type ?? "";
  const rule = ruleOf(status, type);
  const server = fields.root_cause?.[0]?.reason ?? deepest.reason ?? fields.reason ?? "";
  return new StoreError(
    rule.code,
    server === "" ? rule.message : `${rule.message} The server said: ${server}`,
    {
      key: rule.key,
      details: { status, type, server },
      retryable: rule.retryable,
    },
  );
}

const rootOf = (error: ServerError): ServerError => (error.caused_by ? rootOf(error.caused_by) : error);

function ruleOf(status: number, type: string): Rule {
  if (type === "cluster_block_exception") return status === 429 ? FLOODED : BLOCKED;
  const known = BY_TYPE[type];
  if (known) return known;
  if (status >= 500 && status !== 501) return SERVER;
  const rule = BY_STATUS[status === 501 ? 405 : status];
  return rule ?? { ...SERVER, retryable: false };
}

/** An answer that is no JSON: a proxy's page, or another program. */
export const notElasticsearch = (status: number, contentType: string) =>
  new StoreError(
    "unreachable",
    `What answered is neither Elasticsearch nor OpenSearch: HTTP ${status}, ${contentType || "without a content type"}. A proxy or another program stands at this address. Nothing was changed.`,
    {
      key: "elasticsearch.notElasticsearch",
      details: { status, contentType: contentType || "-" },
      retryable: status >= 500,
    },
  );

/** An answer that does not end where any of Elasticsearch's would. */
export const endlessAnswer = (maxBytes: number, cause: unknown) =>
  new StoreError(
    "refused",
    `The answer is longer than ${maxBytes / 1024 ** 2} MiB: Strata broke it off rather than fill its memory. Nothing was changed. See what stands at this address, or read fewer fields.`,
    { key: "elasticsearch.endless", details: { size: maxBytes / 1024 ** 2 }, cause },
  );

export const cancelledError = (cause?: unknown) =>
  new StoreError("cancelled", "It was cancelled. Nothing was changed by the cancelled request.", {
    key: "cancelled",
    cause,
  });

export const callTimeout = (timeoutMs: number, cause?: unknown) =>
  new StoreError("timeout", `The server did not answer within ${Math.round(timeoutMs / 100) / 10} s.`, {
    key: "elasticsearch.noAnswerInTime",
    details: { timeoutMs },
    cause,
  });

export const readOnlyError = () =>
  new StoreError("forbidden", "This connection is read-only. Nothing was changed.", {
    key: "elasticsearch.readOnly",
  });

export const tableMissing = (name: string) =>
  new StoreError("not_found", `There is no index ${name}. Nothing was changed.`, {
    key: "elasticsearch.tableMissing",
    details: { table: name },
  });

/** HTTP status of a server's answer that failed; null for anything else. */
export const statusOf = (error: unknown): number | null =>
  error instanceof StoreError && typeof error.details?.status === "number" ? error.details.status : null;

export const typeOf = (error: unknown): string =>
  error instanceof StoreError && typeof error.details?.type === "string" ? error.details.type : "";
