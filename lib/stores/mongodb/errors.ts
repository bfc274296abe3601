import { type ErrorCode, StoreError } from "@/lib/errors";

interface Rule {
  code: ErrorCode;
  key: string;
  message: string;
  retryable?: boolean;
}

const rule = (code: ErrorCode, key: string, message: string, retryable?: boolean): Rule => ({
  code,
  key: `mongodb.${key}`,
  message,
  ...(retryable !== undefined && { retryable }),
});

const NOT_PRIMARY = rule(
  "unreachable",
  "notPrimary",
  "This member is not the primary (any more): the replica set is electing, or the hosts name a secondary alone. Nothing was changed; it can be tried again. Name all members and the replica set so that Strata finds the primary.",
  true,
);
const SHUTDOWN = rule("unreachable", "shutdown", "The server is starting, stopping or restarting.", true);
const TOO_LONG = rule(
  "timeout",
  "tooLong",
  "It took longer than it was allowed to. Nothing was changed.",
  true,
);
const RIGHT = rule("forbidden", "right", "The user lacks a right for this. Nothing was changed.");
const REFUSED_ROW = rule("conflict", "refusedRow", "The collection refuses a document.");
const BROKEN = rule("unreachable", "connection", "The connection to the server broke.", true);
const HOST = rule("unreachable", "host", "The host name does not resolve.", true);
const NO_ROUTE = rule("unreachable", "noRoute", "There is no route to the host.", true);

/** Codes of the server: src/mongo/base/error_codes.yml. */
const SERVER_CODES: Readonly<Record<number, Rule>> = {
  13: RIGHT,
  8000: RIGHT,
  31: RIGHT,
  18: rule("forbidden", "password", "The server refused the user name or the password."),
  11: rule("forbidden", "password", "The server refused the user name or the password."),
  334: rule("forbidden", "mechanism", "The server does not offer this way to sign in."),
  26: rule("not_found", "collectionGone", "The collection is not there (any more). Nothing was changed."),
  50: TOO_LONG,
  262: TOO_LONG,
  24: rule(
    "timeout",
    "locked",
    "Somebody else holds a lock on it. Nothing was changed; it can be tried again.",
    true,
  ),
  112: rule(
    "timeout",
    "writeConflict",
    "Documents changed while they were worked on. Nothing was changed by us; it can be tried again.",
    true,
  ),
  59: rule("refused", "noCommand", "The server does not know this command. Nothing was changed."),
  115: rule("refused", "noCommand", "The server does not support this command. Nothing was changed."),
  66: rule("refused", "immutable", "The server refuses to change a field that cannot change."),
  11000: rule("conflict", "duplicate", "A unique index refuses a document."),
  11001: rule("conflict", "duplicate", "A unique index refuses a document."),
  121: REFUSED_ROW,
  10334: rule("conflict", "tooLarge", "A document is larger than the 16 MB that MongoDB allows."),
  14031: rule("disk_full", "diskFull", "The server's disk is full. Nothing was changed."),
  43: rule(
    "timeout",
    "cursor",
    "The server forgot the cursor while it was read. Nothing was changed; it can be tried again.",
    true,
  ),
  237: rule(
    "timeout",
    "cursor",
    "The server closed the cursor. Nothing was changed; it can be tried again.",
    true,
  ),
  10107: NOT_PRIMARY,
  13435: NOT_PRIMARY,
  10058: NOT_PRIMARY,
  189: NOT_PRIMARY,
  11602: NOT_PRIMARY,
  13436: rule("unreachable", "recovering", "This member is recovering and answers no reads yet.", true),
  91: SHUTDOWN,
  11600: SHUTDOWN,
  11601: rule(
    "timeout",
    "interrupted",
    "Somebody ended the operation on the server. Nothing was changed.",
    true,
  ),
  292: rule(
    "refused",
    "sortMemory",
    "The server has no memory for this sort and may not use its disk. An index on the time and _id makes the sort unnecessary.",
  ),
  96: rule("refused", "failed", "The server gave the operation up."),
  7: HOST,
  6: HOST,
};

const ERRNO: Readonly<Record<string, Rule>> = {
  ECONNREFUSED: rule("unreachable", "refused", "Nothing listens at this host and port.", true),
  ENOTFOUND: HOST,
  EAI_AGAIN: HOST,
  ETIMEDOUT: rule("unreachable", "noAnswer", "The host does not answer.", true),
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  ECONNRESET: BROKEN,
  EPIPE: BROKEN,
};

const TLS = rule(
  "unreachable",
  "certificate",
  "The server's certificate is not trusted, or the server does not speak TLS here. Give its authority in the field CA, or choose require or disable.",
  false,
);
/** OpenSSL's and Node's names for a certificate or a handshake that does not hold. */
const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO)/;

const NO_SERVER = rule("unreachable", "noServer", "No server of these hosts answers as MongoDB.", true);
const NO_PRIMARY = rule(
  "unreachable",
  "noPrimary",
  "The replica set has no primary at the moment. Nothing was changed; it can be tried again.",
  true,
);
const WRONG_SET = rule(
  "unreachable",
  "replicaSetName",
  "The hosts answer, but not as members of the replica set that is named. Look at its name and at the hosts.",
  false,
);
const OTHER_PROTOCOL = rule(
  "unreachable",
  "otherProtocol",
  "Something listens at this host and port that does not speak MongoDB's protocol.",
  false,
);
const TOO_OLD = rule(
  "unreachable",
  "tooOld",
  "The server is older than MongoDB 4.2, the oldest that is supported.",
  false,
);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

/** The class of the vendor's error: its name is part of its interface. */
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : "");

/** The errors behind one another: cause by cause, and the members' own for a selection that failed. */
function chainOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  const queue: unknown[] = [error];
  while (queue.length > 0 && chain.length < 30) {
    const next = queue.shift();
    if (!isObject(next) || chain.includes(next)) continue;
    chain.push(next);
    queue.push(next.cause);
    if (next instanceof AggregateError) queue.push(...next.errors);
    if (isObject(next.reason) && next.reason.servers instanceof Map) {
      for (const server of next.reason.servers.values()) if (isObject(server)) queue.push(server.error);
    }
  }
  return chain;
}

const typeOfTopology = (error: unknown): string =>
  isObject(error) && isObject(error.reason) ? String(error.reason.type ?? "") : "";

function ruleOf(error: unknown, chain: readonly unknown[]): Rule | undefined {
  for (const one of chain) {
    const found = isObject(one) ? ruleOfOne(one) : undefined;
    if (found) return found;
  }
  if (nameOf(error) !== "MongoServerSelectionError") return undefined;
  const topology = typeOfTopology(error);
  if (topology === "ReplicaSetNoPrimary") return membersOf(error) > 0 ? NO_PRIMARY : WRONG_SET;
  return NO_SERVER;
}

const membersOf = (error: unknown): number =>
  isObject(error) && isObject(error.reason) && error.reason.servers instanceof Map
    ? [...error.reason.servers.values()].filter((one) => isObject(one) && one.type !== "Unknown").length
    : 0;

function ruleOfOne(error: Record<string, unknown>): Rule | undefined {
  const { code } = error;
  if (typeof code === "number") return SERVER_CODES[code];
  if (typeof code === "string") return TLS_CODE.test(code) ? TLS : ERRNO[code];
  switch (nameOf(error)) {
    case "MongoCompatibilityError":
      return TOO_OLD;
    case "MongoParseError":
      return OTHER_PROTOCOL;
    case "MongoOperationTimeoutError":
      return TOO_LONG;
    case "MongoWaitQueueTimeoutError":
      return rule(
        "timeout",
        "busy",
        "All connections were busy for too long. Nothing was changed; it can be tried again.",
        true,
      );
    default:
      return undefined;
  }
}

/** The server's number for an error, also of one that was classified; undefined for errors of another origin. */
export function serverCode(error: unknown): number | undefined {
  for (const one of chainOf(error)) if (isObject(one) && typeof one.code === "number") return one.code;
  return undefined;
}

const saidBy = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The vendor's classes for connections that ended under a call, each in its own way. */
const LOST =
  /^(?:Mongo)?(Network|PoolCleared|PoolClosed|TopologyClosed|NotConnected|ServerClosed|ClientClosed)/;

/** Classifies by the server's code, errno or the class of the vendor's error. A StoreError passes through as it is. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const chain = chainOf(error);
  const inside = chain.find((one) => one instanceof StoreError);
  if (inside instanceof StoreError) return inside;
  const found = ruleOf(error, chain) ?? (LOST.test(nameOf(error)) ? BROKEN : undefined);
  const server = saidBy(error);
  if (!found)
    return new StoreError("internal", `The server answered with an error: ${server}`, {
      key: "mongodb.other",
      details: { server, code: serverCode(error) ?? null },
      cause: error,
    });
  return new StoreError(found.code, `${found.message} The server said: ${server}`, {
    key: found.key,
    details: { server, code: serverCode(error) ?? null },
    retryable: found.retryable,
    cause: error,
  });
}

/** What a single document's refusal says, from a writeError of the server's answer. */
export const writeErrorSentence = (code: number, said: string): string =>
  `${(SERVER_CODES[code] ?? REFUSED_ROW).message} The server said: ${said}`;

export const cancelledError = (cause?: unknown) =>
  new StoreError("cancelled", "It was cancelled. Nothing was changed by what was cancelled.", {
    key: "cancelled",
    cause,
  });

export const callTimeout = (timeoutMs: number) =>
  new StoreError("timeout", `The server did not answer within ${Math.round(timeoutMs / 100) / 10} s.`, {
    key: "mongodb.noAnswerInTime",
    details: { timeoutMs },
  });

export const collectionMissing = (table: string) =>
  new StoreError("not_found", `The collection ${table} is not there. Nothing was changed.`, {
    key: "mongodb.collectionMissing",
    details: { table },
  });

export const readOnlyStore = () =>
  new StoreError("forbidden", "This store is open for reading only. Nothing was changed.", {
    key: "mongodb.readOnly",
  });
