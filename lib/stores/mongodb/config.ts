import { isIPv6 } from "node:net";
import { z } from "zod";
import { StoreError } from "@/lib/errors";
import type { ConfigField } from "@/lib/stores/store";

export const MONGO_SSL = ["disable", "require", "verify-full"] as const;
export const READ_PREFERENCES = [
  "primary",
  "primaryPreferred",
  "secondary",
  "secondaryPreferred",
  "nearest",
] as const;
/** Those that send a name and a proof of the password. The others read files, ask a cloud or run code. */
export const MECHANISMS = ["default", "SCRAM-SHA-256", "SCRAM-SHA-1"] as const;
export const SWITCH = ["on", "off"] as const;
const DEFAULT_PORT = 27_017;

export interface Host {
  host: string;
  port: number;
}

/**
 * `host`, `host:port`, `[::1]:port`; null for anything else, such as a socket's path. No % either: the vendor's client
 * decodes a host, so that what it connects to would not be what was checked.
 */
function hostOf(text: string): Host | null {
  const match = /^(?:\[([^\]]+)\]|([^:[\]/\\@?#%\s]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? DEFAULT_PORT : Number(match[3]);
  if (host === undefined || port < 1 || port > 65_535) return null;
  if (match?.[1] !== undefined && !isIPv6(match[1])) return null;
  return { host, port };
}

const linesOf = (text: string): string[] =>
  text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** The hosts of a configuration, in their order. */
export const hostsOf = (text: string): Host[] => linesOf(text).flatMap((line) => hostOf(line) ?? []);

export const mongoConfigSchema = z.object({
  hosts: z
    .string()
    .trim()
    .min(1, "Give one host and port a line.")
    .max(5_000)
    .superRefine((text, context) => {
      const bad = linesOf(text).filter((line) => hostOf(line) === null);
      if (bad.length > 0)
        context.addIssue({
          code: "custom",
          // What stands before an @ is a password: it is not repeated.
          message: `Not a host and port: ${bad.map((line) => line.replace(/^.*@/, "…@")).join(", ")}. Write host:27017, one a line.`,
        });
    })
    .transform((text) => linesOf(text).join("\n")),
  database: z
    .string()
    .min(1)
    .max(63)
    .refine(
      (name) => !/[/\\. "$*<>:|?\0]/.test(name),
      "A database's name holds none of / \\ . \" $ * < > : | ? and no space.",
    ),
  user: z.string().max(255).default(""),
  password: z.string().max(1_000).default(""),
  /** The database that holds the user. */
  authSource: z.string().max(63).default("admin"),
  authMechanism: z.enum(MECHANISMS).default("default"),
  replicaSet: z.string().trim().max(255).default(""),
  readPreference: z.enum(READ_PREFERENCES).default("primary"),
  retryWrites: z.enum(SWITCH).default("on"),
  ssl: z.enum(MONGO_SSL).default("disable"),
  /** PEM text of the authority that signed the servers' certificates; never a path. */
  ca: z.string().max(100_000).optional(),
});
export type MongoConfig = z.infer<typeof mongoConfigSchema>;

export const MONGO_FIELDS: readonly ConfigField[] = [
  { name: "hosts", type: "lines", required: true, placeholder: "db1.example.com:27017" },
  { name: "database", type: "text", required: true, placeholder: "app" },
  { name: "user", type: "text", required: false, placeholder: "strata" },
  { name: "password", type: "password", required: false },
  { name: "authSource", type: "text", required: false, placeholder: "admin" },
  { name: "authMechanism", type: "select", required: true, options: MECHANISMS },
  { name: "replicaSet", type: "text", required: false, placeholder: "rs0" },
  { name: "readPreference", type: "select", required: true, options: READ_PREFERENCES },
  { name: "retryWrites", type: "select", required: true, options: SWITCH },
  { name: "ssl", type: "select", required: true, options: MONGO_SSL },
  { name: "ca", type: "lines", required: false, placeholder: "-----BEGIN CERTIFICATE-----" },
];

const badUrl = (message: string, details: Record<string, unknown> = {}) =>
  new StoreError("bad_input", message, { fields: { url: message }, details });

/** Parameter → what it sets; undefined for a value that is not offered. */
const PARAMETERS: Readonly<Record<string, (value: string) => Record<string, string> | undefined>> = {
  replicaSet: (replicaSet) => ({ replicaSet }),
  authSource: (authSource) => ({ authSource }),
  authMechanism: (value) => oneOf("authMechanism", MECHANISMS, value),
  readPreference: (value) => oneOf("readPreference", READ_PREFERENCES, value),
  retryWrites: (value) => bool(value, { retryWrites: "on" }, { retryWrites: "off" }),
  tls: (value) => bool(value, { ssl: "verify-full" }, { ssl: "disable" }),
  ssl: (value) => bool(value, { ssl: "verify-full" }, { ssl: "disable" }),
  directConnection: (value) => bool(value, {}, {}),
};

const oneOf = (name: string, allowed: readonly string[], value: string) =>
  allowed.includes(value) ? { [name]: value } : undefined;

const bool = (value: string, on: Record<string, string>, off: Record<string, string>) =>
  value === "true" ? on : value === "false" ? off : undefined;

/**
 * Fields from `mongodb://user:password@host:27017,host2:27017/database?replicaSet=…`. Throws bad_input that names every
 * parameter outside the allow-list: the vendor's client reads files (tlsCAFile, tlsCertificateKeyFile) and starts
 * programs (autoEncryption's mongocryptd) that an address names; this one does not.
 */
export function parseMongoUrl(text: string): Record<string, unknown> {
  const trimmed = text.trim();
  if (/^mongodb\+srv:/i.test(trimmed)) throw srvUrl();
  const match = /^mongodb:\/\/(?:([^@/]*)@)?([^/?#@]+)(?:\/([^?#]*))?(?:\?([^#]*))?$/i.exec(trimmed);
  if (!match)
    throw badUrl(
      "This is not an address of MongoDB. It should look like mongodb://user:password@host:27017/database.",
    );
  const [, login, hosts = "", database = "", query = ""] = match;
  const lines = hosts.split(",").map((host) => decoded("host", host));
  if (lines.some((line) => line.includes("/")))
    throw badUrl("A socket's path is not accepted as a host. Give a host and a port.");
  const colon = login?.indexOf(":") ?? -1;
  const user = login === undefined ? "" : decoded("user", colon < 0 ? login : login.slice(0, colon));
  const password = login === undefined || colon < 0 ? "" : decoded("password", login.slice(colon + 1));
  return {
    hosts: lines.join("\n"),
    ...(database && { database: decoded("database", database) }),
    // The vendor's rule: who names a database and no authSource has the user there.
    ...(database && user && { authSource: decoded("database", database) }),
    ...(user && { user }),
    ...(password && { password }),
    ...parametersOf(query),
  };
}

function parametersOf(query: string): Record<string, string> {
  const given = [...new URLSearchParams(query)];
  const unknown = [...new Set(given.map(([name]) => name))].filter(
    (name) => !Object.hasOwn(PARAMETERS, name),
  );
  if (unknown.length > 0)
    throw badUrl(
      `Not accepted in an address: ${unknown.join(", ")}. Remove ${unknown.length > 1 ? "them" : "it"}; only ${Object.keys(PARAMETERS).join(", ")} are read. Certificates are pasted into their own field, never named by a path.`,
      { parameters: unknown.join(", ") },
    );
  const fields: Record<string, string> = {};
  for (const [name, value] of given) {
    const set = PARAMETERS[name]?.(value);
    if (!set) throw badUrl(`${name}=${value} is not offered.`, { parameter: name });
    Object.assign(fields, set);
  }
  return fields;
}

const srvUrl = () =>
  badUrl(
    "mongodb+srv:// asks DNS for the hosts, and lets DNS set options. Give the hosts themselves, one a line: `dig SRV _mongodb._tcp.<name>` lists them, or take the standard address (mongodb://) that your provider shows; then choose TLS and the replica set's name.",
  );

/** A password pasted as it is may hold a % that begins nothing. The sentence names the part, never its text. */
function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(`The ${part} in this address holds a % that stands for nothing: write %25 for %.`, { part });
  }
}
