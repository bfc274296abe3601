import { z } from "zod";
import { StoreError } from "@/lib/errors";
import type { ConfigField } from "@/lib/stores/store";

/** Redis has no negotiation: a port speaks TLS or it does not, so there is no `prefer`. */
export const SSL_MODES = ["disable", "require", "verify-full"] as const;

export const redisConfigSchema = z.object({
  host: z
    .string()
    .trim()
    .min(1)
    .max(255)
    .refine((host) => !host.includes("/"), "A host name or address, not the path of a socket."),
  port: z.coerce.number().int().min(1).max(65_535).default(6379),
  /** Number of the logical database; a cluster has only 0. */
  database: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Empty: the user `default`. */
  user: z.string().max(255).default(""),
  /** Empty: no AUTH is sent. */
  password: z.string().max(1_000).default(""),
  ssl: z.enum(SSL_MODES).default("disable"),
  /** PEM text of the authority that signed the server's certificate; never a path. */
  ca: z.string().max(100_000).optional(),
});
export type RedisConfig = z.infer<typeof redisConfigSchema>;

export const REDIS_FIELDS: readonly ConfigField[] = [
  { name: "host", type: "text", required: true, placeholder: "redis.example.com" },
  { name: "port", type: "number", required: true, placeholder: "6379" },
  { name: "database", type: "number", required: false, placeholder: "0" },
  { name: "user", type: "text", required: false, placeholder: "strata" },
  { name: "password", type: "password", required: false },
  { name: "ssl", type: "select", required: true, options: SSL_MODES },
  { name: "ca", type: "text", required: false, placeholder: "-----BEGIN CERTIFICATE-----" },
];

const SCHEMES: Readonly<Record<string, "disable" | "verify-full">> = {
  "redis:": "disable",
  "valkey:": "disable",
  "rediss:": "verify-full",
  "valkeys:": "verify-full",
};

const badUrl = (message: string, key: string, details: Record<string, unknown> = {}) =>
  new StoreError("bad_input", message, { key, fields: { url: message }, details });

/**
 * Fields from `redis://user:password@host:port/0`; `rediss://` is TLS with the certificate checked. Throws bad_input
 * for sockets (`unix:`) and names every parameter: none is read, some drivers' parameters open files.
 */
export function parseRedisUrl(text: string): Record<string, unknown> {
  const scheme = /^([a-z+.-]+):/i.exec(text.trim())?.[1]?.toLowerCase() ?? "";
  if (text.trim().startsWith("/") || scheme.includes("unix") || scheme.includes("socket")) {
    throw badUrl(
      "unix: is not accepted: sockets are files of this machine. Give the server's host and port.",
      "redis.unixAddress",
    );
  }
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw badUrl(
      "This is not an address. It should look like redis://user:password@host:6379/0.",
      "redis.address",
    );
  }
  const ssl = SCHEMES[url.protocol];
  if (!ssl) {
    throw badUrl(
      `An address of Redis begins with redis:// or rediss://, not ${url.protocol}//.`,
      "redis.addressScheme",
      { scheme: url.protocol },
    );
  }
  const unknown = [...new Set(url.searchParams.keys())];
  if (unknown.length > 0) {
    throw badUrl(
      `Not accepted in an address: ${unknown.join(", ")}. No parameter is read; use the fields instead.`,
      "redis.addressParameters",
      { parameters: unknown.join(", ") },
    );
  }
  const database = url.pathname.replace(/^\//, "");
  if (database !== "" && !/^\d{1,5}$/.test(database)) {
    throw badUrl(
      "What follows the port is the number of a database, as in …:6379/0.",
      "redis.addressDatabase",
    );
  }
  return {
    ssl,
    ...(url.hostname && { host: decoded("host", url.hostname.replace(/^\[|\]$/g, "")) }),
    ...(url.port && { port: Number(url.port) }),
    ...(database && { database: Number(database) }),
    ...(url.username && { user: decoded("user", url.username) }),
    ...(url.password && { password: decoded("password", url.password) }),
  };
}

/** A password pasted as it is may hold a % that begins nothing. The sentence names the part, never its text. */
function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(
      `The ${part} in this address holds a % that stands for nothing: write %25 for %.`,
      "redis.addressPercent",
      { part },
    );
  }
}
