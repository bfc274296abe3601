import { type ErrorCode, StoreError } from "@/lib/errors";

/** What mysql2, Node and the server put on an error; every field may be missing. */
interface Fields {
  code?: string;
  errno?: number;
  sqlMessage?: string;
  message?: string;
}

interface Rule {
  code: ErrorCode;
  key: string;
  message: string;
  retryable?: boolean;
}

const rule = (code: ErrorCode, key: string, message: string, retryable?: boolean): Rule => ({
  code,
  key: `mysql.${key}`,
  message,
  retryable,
});

const LOST = rule("unreachable", "connection", "The connection to the server broke.", true);
const RIGHT = rule("forbidden", "right", "The account lacks a right for this. Nothing was changed.");
const TABLE_GONE = rule("not_found", "tableGone", "The table is not there (any more). Nothing was changed.");
const LOCKED = rule(
  "timeout",
  "locked",
  "Somebody else holds a lock on it. Nothing was changed; it can be tried again.",
  true,
);
const TIMEOUT = rule(
  "timeout",
  "statementTimeout",
  "It took longer than it was allowed to. Nothing was changed.",
  true,
);
const READ_ONLY = rule(
  "forbidden",
  "readOnly",
  "This connection or server is read-only. Nothing was changed.",
);
const VALUE = rule("conflict", "value", "A value does not fit its column. Nothing was changed.");
const CONSTRAINT = rule(
  "conflict",
  "constraint",
  "A constraint of the table refuses a row. Nothing was changed.",
);
const DUPLICATE = rule("conflict", "duplicate", "A row with this key is already there. Nothing was changed.");
const FOREIGN_KEY = rule(
  "conflict",
  "foreignKey",
  "Another table's foreign key still points at these rows. Nothing was changed.",
);
const DISK_FULL = rule("disk_full", "diskFull", "The server's disk is full. Nothing was changed.");
const CONNECTIONS = rule("unreachable", "connections", "The server has no free connection.", true);
const SHUTDOWN = rule("unreachable", "shutdown", "The server is stopping or restarting.", true);
const CORRUPT = rule("corrupt", "corrupt", "The server reports damaged data in this table.");
const PACKET = rule(
  "refused",
  "packet",
  "A row is larger than the server's max_allowed_packet. Nothing was changed. Raise it and try again.",
);
const CERTIFICATE = rule(
  "unreachable",
  "certificate",
  "The server's certificate is not trusted. Give its authority in the field “Certificate authority”, or choose require.",
  false,
);

/** By the server's error number (mysqld_error.h; the same on MySQL and MariaDB below 1900 and from 3000 on). */
const BY_NUMBER: Readonly<Record<number, Rule>> = {
  1044: rule("forbidden", "databaseRight", "The account may not use this database, or it is not there."),
  1045: rule("forbidden", "password", "The server refused the user name or the password."),
  1698: rule("forbidden", "password", "The server refused the user name or the password."),
  1130: rule("forbidden", "authorization", "The server does not let this account in from here."),
  1129: rule(
    "forbidden",
    "hostBlocked",
    "The server has blocked this machine after too many failed connections.",
  ),
  1251: rule("forbidden", "authorization", "The server asks for a way to sign in that is not offered."),
  1820: rule("forbidden", "passwordExpired", "The password of this account has expired."),
  1862: rule("forbidden", "passwordExpired", "The password of this account has expired."),
  3118: rule("forbidden", "accountLocked", "This account is locked."),
  4151: rule("forbidden", "accountLocked", "This account is locked."),
  1049: rule("not_found", "database", "There is no database of this name on the server."),
  1142: RIGHT,
  1143: RIGHT,
  1227: RIGHT,
  1370: RIGHT,
  1410: RIGHT,
  1146: TABLE_GONE,
  1051: TABLE_GONE,
  1054: rule(
    "stale_plan",
    "columnGone",
    "A column is not there any more: the table was altered. Nothing was changed.",
  ),
  1176: rule(
    "stale_plan",
    "indexGone",
    "An index is not there any more: the table was altered. Nothing was changed.",
  ),
  1290: READ_ONLY,
  1792: READ_ONLY,
  1836: READ_ONLY,
  1205: LOCKED,
  3572: LOCKED,
  1213: rule(
    "timeout",
    "serialization",
    "Rows changed while they were worked on. Nothing was changed by us; it can be tried again.",
    true,
  ),
  1020: rule(
    "timeout",
    "serialization",
    "Rows changed while they were worked on. Nothing was changed by us; it can be tried again.",
    true,
  ),
  1317: TIMEOUT,
  1969: TIMEOUT,
  3024: TIMEOUT,
  1028: TIMEOUT,
  1021: DISK_FULL,
  1114: DISK_FULL,
  3675: DISK_FULL,
  1040: CONNECTIONS,
  1203: CONNECTIONS,
  1226: CONNECTIONS,
  1053: SHUTDOWN,
  1927: SHUTDOWN,
  3169: SHUTDOWN,
  1062: DUPLICATE,
  1586: DUPLICATE,
  1217: FOREIGN_KEY,
  1451: FOREIGN_KEY,
  1216: CONSTRAINT,
  1452: CONSTRAINT,
  3819: CONSTRAINT,
  4025: CONSTRAINT,
  1048: CONSTRAINT,
  1364: CONSTRAINT,
  1526: CONSTRAINT,
  1644: CONSTRAINT,
  1264: VALUE,
  1265: VALUE,
  1292: VALUE,
  1366: VALUE,
  1367: VALUE,
  1406: VALUE,
  1411: VALUE,
  1416: VALUE,
  3140: VALUE,
  1690: VALUE,
  1153: PACKET,
  1301: PACKET,
  1034: CORRUPT,
  1194: CORRUPT,
  1195: CORRUPT,
  1712: CORRUPT,
};

/** Errnos of Node and codes of mysql2. */
const BY_CODE: Readonly<Record<string, Rule>> = {
  ECONNREFUSED: rule("unreachable", "refused", "Nothing listens at this host and port.", true),
  ENOTFOUND: rule("unreachable", "host", "The host name does not resolve.", true),
  EAI_AGAIN: rule("unreachable", "host", "The host name does not resolve at the moment.", true),
  ETIMEDOUT: rule("unreachable", "noAnswer", "The host does not answer.", true),
  EHOSTUNREACH: rule("unreachable", "noRoute", "There is no route to the host.", true),
  ENETUNREACH: rule("unreachable", "noRoute", "There is no route to the host.", true),
  ECONNRESET: LOST,
  EPIPE: LOST,
  PROTOCOL_CONNECTION_LOST: LOST,
  PROTOCOL_PACKETS_OUT_OF_ORDER: LOST,
  STRATA_NOT_MYSQL: rule(
    "unreachable",
    "otherProtocol",
    "Something answers at this host and port, but not as MySQL or MariaDB does. See that the port is right.",
    false,
  ),
  HANDSHAKE_NO_SSL_SUPPORT: rule(
    "unreachable",
    "tlsRefused",
    "The server does not speak TLS. Nothing was sent to it. Turn TLS on there, or choose prefer or disable.",
    false,
  ),
  HANDSHAKE_SSL_ERROR: CERTIFICATE,
  DEPTH_ZERO_SELF_SIGNED_CERT: CERTIFICATE,
  SELF_SIGNED_CERT_IN_CHAIN: CERTIFICATE,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: CERTIFICATE,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: CERTIFICATE,
  CERT_SIGNATURE_FAILURE: CERTIFICATE,
  CERT_HAS_EXPIRED: rule(
    "unreachable",
    "certificateExpired",
    "The server's certificate has expired. Nothing was sent to it. Renew it, or choose require.",
    false,
  ),
  ERR_TLS_CERT_ALTNAME_INVALID: rule(
    "unreachable",
    "certificateHost",
    "The server's certificate is for another host. Nothing was sent to it. Give the host by the name in it, or choose require.",
    false,
  ),
};

const fieldsOf = (error: unknown): Fields =>
  typeof error === "object" && error !== null ? (error as Fields) : {};

/** The server's error number, also of an error that was translated already; undefined when it has none. */
export function errorNumber(error: unknown): number | undefined {
  if (error instanceof StoreError) return errorNumber(error.cause);
  const { errno } = fieldsOf(error);
  return typeof errno === "number" && errno > 0 ? errno : undefined;
}

/** Any failure of the client or the server as a StoreError; one that is such already passes through as it is. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  // The statement, with the values of its rows: whoever prints a cause would print them.
  if (error instanceof Error) Reflect.deleteProperty(error, "sql");
  const fields = fieldsOf(error);
  const first = error instanceof AggregateError ? fieldsOf(error.errors[0]) : {};
  const code = fields.code ?? first.code;
  const found = BY_NUMBER[errorNumber(error) ?? 0] ?? BY_CODE[code ?? ""] ?? tlsRule(code);
  const server = fields.sqlMessage ?? "";
  const details = { server, number: errorNumber(error) ?? null };
  if (found) {
    const said = server ? ` The server said: ${server}` : "";
    return new StoreError(found.code, `${found.message}${said}`, {
      key: found.key,
      details,
      retryable: found.retryable,
      cause: error,
    });
  }
  return new StoreError("internal", `The server answered with an error: ${fields.message ?? String(error)}`, {
    key: "mysql.other",
    details: { ...details, server: server || (fields.message ?? "") },
    cause: error,
  });
}

/** OpenSSL's own codes: protocol versions, ciphers. */
const tlsRule = (code: string | undefined): Rule | undefined =>
  code?.startsWith("ERR_SSL_") || code?.startsWith("ERR_TLS_") ? CERTIFICATE : undefined;

export const cancelledError = (cause?: unknown) =>
  new StoreError("cancelled", "It was cancelled. Nothing was changed by the cancelled statement.", {
    key: "cancelled",
    cause,
  });

export const callTimeout = (timeoutMs: number, cause?: unknown) =>
  new StoreError("timeout", `The server did not answer within ${Math.round(timeoutMs / 100) / 10} s.`, {
    key: "mysql.noAnswerInTime",
    details: { timeoutMs },
    cause,
  });
