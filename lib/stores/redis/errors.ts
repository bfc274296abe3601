import type { ErrorCode } from "@/lib/errors";
import { StoreError } from "@/lib/errors";

interface Rule {
  code: ErrorCode;
  key: string;
  message: string;
  retryable?: boolean;
}

const unreachable = (key: string, message: string): Rule => ({
  code: "unreachable",
  key: `redis.${key}`,
  message,
  retryable: true,
});

/** By the first word of an error reply, which the protocol makes its code, or by an errno of Node. */
const RULES: Readonly<Record<string, Rule>> = {
  WRONGPASS: {
    code: "forbidden",
    key: "redis.password",
    message: "The server refused the user name or the password. Nothing was changed.",
  },
  NOAUTH: {
    code: "forbidden",
    key: "redis.noPassword",
    message: "The server asks for a password and none was given. Nothing was changed.",
  },
  DENIED: {
    code: "forbidden",
    key: "redis.protectedMode",
    message: "The server is in protected mode: without a password it answers its own machine only.",
  },
  NOPERM: {
    code: "forbidden",
    key: "redis.right",
    message: "The user lacks a right for this (ACL). Nothing was changed.",
  },
  READONLY: {
    code: "forbidden",
    key: "redis.replica",
    message:
      "This server is a replica: it does not take writes. Nothing was changed. Connect to its primary.",
  },
  LOADING: unreachable(
    "loading",
    "The server is loading its data from disk. Nothing is lost; it answers when it is done. Try again in a moment.",
  ),
  MASTERDOWN: unreachable("masterDown", "The replica has lost its primary and does not answer. Try again."),
  CLUSTERDOWN: unreachable("clusterDown", "The cluster is down: a part of its slots has no node. Try again."),
  TRYAGAIN: unreachable(
    "moving",
    "Slots are being moved between nodes of the cluster. Try again in a moment.",
  ),
  ASK: unreachable("moving", "Slots are being moved between nodes of the cluster. Try again in a moment."),
  MOVED: unreachable(
    "moved",
    "This key lies on another node of the cluster. The nodes could not be learned: CLUSTER SLOTS is needed.",
  ),
  BUSY: unreachable("busy", "A script keeps the server busy. Nothing was changed. Try again in a moment."),
  NOREPLICAS: unreachable("noReplicas", "Too few replicas are connected, so the server refuses writes."),
  OOM: {
    code: "disk_full",
    key: "redis.memoryFull",
    message: "The server's memory is full (maxmemory). Nothing was written.",
  },
  MISCONF: {
    code: "disk_full",
    key: "redis.persistence",
    message:
      "The server cannot save to disk and refuses writes. Nothing was written. See its log and free space.",
  },
  WRONGTYPE: {
    code: "stale_plan",
    key: "redis.otherType",
    message: "This key is no stream any more. Nothing was changed. Make a new plan.",
  },
  ECONNREFUSED: unreachable("refused", "Nothing listens at this host and port."),
  ENOTFOUND: unreachable("host", "The host name does not resolve."),
  EAI_AGAIN: unreachable("host", "The host name does not resolve at the moment."),
  ETIMEDOUT: unreachable("noAnswer", "The host does not answer."),
  EHOSTUNREACH: unreachable("noRoute", "There is no route to the host."),
  ENETUNREACH: unreachable("noRoute", "There is no route to the host."),
  ECONNRESET: unreachable("connection", "The connection to the server broke."),
  EPIPE: unreachable("connection", "The connection to the server broke."),
};

const TLS_REFUSED: Rule = {
  code: "unreachable",
  key: "redis.tlsRefused",
  message:
    "The server does not speak TLS on this port. Nothing was sent to it. Choose disable, or its TLS port.",
  retryable: false,
};

const CERTIFICATE: Rule = {
  code: "unreachable",
  key: "redis.certificate",
  message: "The server's certificate is not trusted. Give its authority in the field CA, or choose require.",
  retryable: false,
};

const CERTIFICATE_HOST: Rule = {
  code: "unreachable",
  key: "redis.certificateHost",
  message: "The server's certificate is for another host. Use the name it was made for, or choose require.",
  retryable: false,
};

const CERTIFICATE_EXPIRED: Rule = {
  code: "unreachable",
  key: "redis.certificateExpired",
  message: "The server's certificate has expired. Renew it on the server, or choose require.",
  retryable: false,
};

/** What the connector says of a server whose first byte is none of the protocol's. */
export const NOT_REDIS = "ENOTREDIS";

const PROTOCOL: Rule = {
  code: "unreachable",
  key: "redis.protocol",
  message: "What answers on this port is not Redis. Nothing was changed. See that host and port are right.",
  retryable: false,
};

/** OpenSSL's names for what is no TLS at all, then for a certificate that does not hold. */
const NO_TLS = /^(ERR_SSL_(WRONG_VERSION|PACKET_LENGTH)|EPROTO)/;
const BAD_CERTIFICATE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|HOSTNAME_MISMATCH)/;

function ruleOf(code: string): Rule | undefined {
  if (NO_TLS.test(code)) return TLS_REFUSED;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH") return CERTIFICATE_HOST;
  if (code === "CERT_HAS_EXPIRED") return CERTIFICATE_EXPIRED;
  if (BAD_CERTIFICATE.test(code)) return CERTIFICATE;
  return code === NOT_REDIS ? PROTOCOL : RULES[code];
}

interface Fields {
  name?: string;
  code?: string;
  message?: string;
}

const fieldsOf = (error: unknown): Fields =>
  typeof error === "object" && error !== null ? (error as Fields) : {};

/** ioredis names its error replies so; anything else is the connection's. */
const isReply = ({ name }: Fields): boolean =>
  name === "SimpleError" || name === "BlobError" || name === "ReplyError";

/** The code of a failure, also of one that was classified: the reply's first word, or an errno. */
export function replyCode(error: unknown): string {
  const fields = fieldsOf(error instanceof StoreError ? error.cause : error);
  const nested = error instanceof AggregateError ? fieldsOf(error.errors[0]).code : undefined;
  if (isReply(fields)) return /^-?([A-Z]+)/.exec(fields.message ?? "")?.[1] ?? "ERR";
  return fields.code ?? nested ?? "";
}

/** Classifies by the reply's code or errno. A StoreError passes through as it is. */
export function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  forgetCommand(error);
  const code = replyCode(error);
  const server = fieldsOf(error).message ?? String(error);
  const rule = ruleOf(code);
  if (rule) {
    return new StoreError(rule.code, `${rule.message} The server said: ${server}`, {
      key: rule.key,
      details: { server, replyCode: code },
      retryable: rule.retryable,
      cause: error,
    });
  }
  if (!isReply(fieldsOf(error))) return connectionLost(error);
  return new StoreError("internal", `The server answered with an error: ${server}`, {
    key: "redis.other",
    details: { server, replyCode: code },
    cause: error,
  });
}

/** ioredis hangs the command on its error, with the password of an AUTH: whoever prints a cause would print it. */
function forgetCommand(error: unknown): void {
  if (error instanceof Error) Reflect.deleteProperty(error, "command");
}

export const connectionLost = (cause: unknown) =>
  new StoreError("unreachable", "The connection to the server broke.", {
    key: "redis.connection",
    details: { server: fieldsOf(cause).message ?? "" },
    retryable: true,
    cause,
  });

export const cancelled = () =>
  new StoreError("cancelled", "It was cancelled. What had been done until then stays done.", {
    key: "cancelled",
  });

export const callTimeout = (timeoutMs: number) =>
  new StoreError("timeout", `The server did not answer within ${Math.round(timeoutMs / 100) / 10} s.`, {
    key: "redis.noAnswerInTime",
    details: { timeoutMs },
  });

export const readOnlyHandle = (command: string) =>
  new StoreError(
    "forbidden",
    `${command} was not sent: this store was opened for reading. Nothing was changed.`,
    {
      key: "redis.readOnly",
      details: { command },
    },
  );

export const streamMissing = (name: string) =>
  new StoreError("not_found", `There is no stream ${name} on the server (any more). Nothing was changed.`, {
    key: "redis.streamMissing",
    details: { table: name },
  });
