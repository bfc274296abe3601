import type { ErrorCode } from "@/lib/errors";
import { StoreError } from "@/lib/errors";

/** What node-pg and the server put on an error; every field may be missing. */
interface ServerFields {
  code?: string;
  detail?: string;
  constraint?: string;
  schema?: string;
  table?: string;
  column?: string;
  message?: string;
}

interface Rule {
  code: ErrorCode;
  key: string;
  message: string;
  retryable?: boolean;
}

/** SQLSTATE, or its class of two characters, or an errno of Node. Looked up from the longest to the shortest. */
const RULES: Readonly<Record<string, Rule>> = {
  "28P01": {
    code: "forbidden",
    key: "postgres.password",
    message: "The server refused the user name or the password.",
  },
  "28": {
    code: "forbidden",
    key: "postgres.authorization",
    message: "The server does not let this user in from here (pg_hba.conf).",
  },
  "3D000": {
    code: "not_found",
    key: "postgres.database",
    message: "There is no database of this name on the server.",
  },
  "42501": {
    code: "forbidden",
    key: "postgres.right",
    message: "The user lacks a right for this. Nothing was changed.",
  },
  "42P01": {
    code: "not_found",
    key: "postgres.tableGone",
    message: "The table is not there (any more). Nothing was changed.",
  },
  "3F000": {
    code: "not_found",
    key: "postgres.schemaGone",
    message: "The schema is not there. Nothing was changed.",
  },
  "42703": {
    code: "stale_plan",
    key: "postgres.columnGone",
    message: "A column is not there any more: the table was altered. Nothing was changed.",
  },
  "25006": {
    code: "forbidden",
    key: "postgres.readOnly",
    message: "This connection is read-only. Nothing was changed.",
  },
  "23503": {
    code: "conflict",
    key: "postgres.foreignKey",
    message: "Another table's foreign key still points at these rows. Nothing was changed.",
  },
  "23505": {
    code: "conflict",
    key: "postgres.duplicate",
    message: "A row with this key is already there. Nothing was changed.",
  },
  "23": {
    code: "conflict",
    key: "postgres.constraint",
    message: "A constraint of the table refuses a row. Nothing was changed.",
  },
  "22": {
    code: "conflict",
    key: "postgres.value",
    message: "A value does not fit its column. Nothing was changed.",
  },
  "55P03": {
    code: "timeout",
    key: "postgres.locked",
    message: "Somebody else holds a lock on it. Nothing was changed; it can be tried again.",
    retryable: true,
  },
  "40": {
    code: "timeout",
    key: "postgres.serialization",
    message: "Rows changed while they were worked on. Nothing was changed by us; it can be tried again.",
    retryable: true,
  },
  "57014": {
    code: "timeout",
    key: "postgres.statementTimeout",
    message: "It took longer than it was allowed to. Nothing was changed.",
    retryable: true,
  },
  "53100": {
    code: "disk_full",
    key: "postgres.diskFull",
    message: "The server's disk is full. Nothing was changed.",
  },
  "53300": {
    code: "unreachable",
    key: "postgres.connections",
    message: "The server has no free connection.",
    retryable: true,
  },
  "53": {
    code: "unreachable",
    key: "postgres.resources",
    message: "The server is short of memory or other resources.",
    retryable: true,
  },
  "57": {
    code: "unreachable",
    key: "postgres.shutdown",
    message: "The server is starting, stopping or restarting.",
    retryable: true,
  },
  "08": {
    code: "unreachable",
    key: "postgres.connection",
    message: "The connection to the server broke.",
    retryable: true,
  },
  XX001: {
    code: "corrupt",
    key: "postgres.corrupt",
    message: "The server reports damaged data in this table.",
  },
  XX002: { code: "corrupt", key: "postgres.corrupt", message: "The server reports a damaged index." },
  ECONNREFUSED: {
    code: "unreachable",
    key: "postgres.refused",
    message: "Nothing listens at this host and port.",
    retryable: true,
  },
  ENOTFOUND: {
    code: "unreachable",
    key: "postgres.host",
    message: "The host name does not resolve.",
    retryable: true,
  },
  EAI_AGAIN: {
    code: "unreachable",
    key: "postgres.host",
    message: "The host name does not resolve at the moment.",
    retryable: true,
  },
  ETIMEDOUT: {
    code: "unreachable",
    key: "postgres.noAnswer",
    message: "The host does not answer.",
    retryable: true,
  },
  EHOSTUNREACH: {
    code: "unreachable",
    key: "postgres.noRoute",
    message: "There is no route to the host.",
    retryable: true,
  },
  ENETUNREACH: {
    code: "unreachable",
    key: "postgres.noRoute",
    message: "There is no route to the host.",
    retryable: true,
  },
  ECONNRESET: {
    code: "unreachable",
    key: "postgres.connection",
    message: "The connection to the server broke.",
    retryable: true,
  },
  EPIPE: {
    code: "unreachable",
    key: "postgres.connection",
    message: "The connection to the server broke.",
    retryable: true,
  },
};

const TLS_RULE: Rule = {
  code: "unreachable",
  key: "postgres.certificate",
  message: "The server's certificate is not trusted. Give its authority in the field CA, or choose require.",
  retryable: false,
};

/** OpenSSL's and Node's names for a certificate that does not hold. */
const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

function ruleOf(code: string | undefined): Rule | undefined {
  if (code === undefined) return undefined;
  if (TLS_CODE.test(code)) return TLS_RULE;
  return RULES[code] ?? (/^[0-9A-Z]{5}$/.test(code) ? RULES[code.slice(0, 2)] : undefined);
}

const fieldsOf = (error: unknown): ServerFields =>
  typeof error === "object" && error !== null ? (error as ServerFields) : {};

/** SQLSTATE or errno of a failure, also of one that was already classified. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof StoreError) return fieldsOf(error.cause).code;
  return fieldsOf(error).code;
}

/** The sentence a person reads, with the server's own words behind ours: they name the object. */
function sentence(rule: Rule, fields: ServerFields): string {
  const said = fields.message ? ` The server said: ${fields.message}` : "";
  return `${rule.message}${said}${fields.detail ? ` (${fields.detail})` : ""}`;
}

function detailsOf(fields: ServerFields): Record<string, unknown> {
  const table = fields.table && (fields.schema ? `${fields.schema}.${fields.table}` : fields.table);
  return {
    sqlState: fields.code ?? null,
    server: fields.message ?? "",
    ...(fields.detail && { detail: fields.detail }),
    ...(fields.constraint && { constraint: fields.constraint }),
    ...(table && { table }),
    ...(fields.column && { column: fields.column }),
  };
}

/** Classifies by SQLSTATE or errno. A StoreError passes through as it is. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const fields = fieldsOf(error);
  const aggregate = error instanceof AggregateError ? fieldsOf(error.errors[0]) : fields;
  const code = fields.code ?? aggregate.code;
  const rule = ruleOf(code);
  if (rule) {
    return new StoreError(rule.code, sentence(rule, { ...aggregate, ...fields }), {
      key: rule.key,
      details: detailsOf({ ...aggregate, ...fields, code }),
      retryable: rule.retryable,
      cause: error,
    });
  }
  return new StoreError("internal", `The server answered with an error: ${fields.message ?? String(error)}`, {
    key: "postgres.other",
    details: detailsOf(fields),
    cause: error,
  });
}

export const cancelledError = (cause?: unknown) =>
  new StoreError("cancelled", "It was cancelled. Nothing was changed by the cancelled statement.", {
    key: "cancelled",
    cause,
  });

export const connectionLost = (cause: unknown) =>
  new StoreError("unreachable", "The connection to the server broke.", {
    key: "postgres.connection",
    details: { sqlState: null, server: "" },
    retryable: true,
    cause,
  });

export const callTimeout = (timeoutMs: number, cause?: unknown) =>
  new StoreError("timeout", `The server did not answer within ${Math.round(timeoutMs / 100) / 10} s.`, {
    key: "postgres.noAnswerInTime",
    details: { timeoutMs },
    cause,
  });
