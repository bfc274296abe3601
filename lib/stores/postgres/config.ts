import { z } from "zod";
import { StoreError } from "@/lib/errors";
import { MAX_REPLICAS, parsePlace, placeName, replicaLines } from "@/lib/stores/postgres/replica-list";
import type { ConfigField } from "@/lib/stores/store";

export const SSL_MODES = ["disable", "prefer", "require", "verify-full"] as const;
export type SslMode = (typeof SSL_MODES)[number];

export const postgresConfigSchema = z.object({
  host: z.string().trim().min(1).max(255),
  port: z.coerce.number().int().min(1).max(65_535).default(5432),
  database: z.string().min(1).max(63),
  user: z.string().min(1).max(63),
  password: z.string().max(1_000).default(""),
  ssl: z.enum(SSL_MODES).default("prefer"),
  /** PEM text of the authority that signed the server's certificate; never a path. */
  ca: z.string().max(100_000).optional(),
  /** Read replicas, one `host` or `host:port` a line; reached with the same database, user, password and TLS. */
  replicas: z
    .string()
    .max(4_000)
    .refine(
      (text) => replicaLines(text).every((line) => parsePlace(line, 5432) !== null),
      "Each line is the host of a replica, or host:port. Leave it empty when there is none.",
    )
    .refine(
      (text) => replicaLines(text).length <= MAX_REPLICAS,
      `At most ${MAX_REPLICAS} replicas can be named.`,
    )
    .optional(),
});
export type PostgresConfig = z.infer<typeof postgresConfigSchema>;

export const POSTGRES_FIELDS: readonly ConfigField[] = [
  { name: "host", type: "text", required: true, placeholder: "db.example.com" },
  { name: "port", type: "number", required: true, placeholder: "5432" },
  { name: "database", type: "text", required: true, placeholder: "app" },
  { name: "user", type: "text", required: true, placeholder: "strata" },
  { name: "password", type: "password", required: false },
  { name: "ssl", type: "select", required: true, options: SSL_MODES },
  { name: "ca", type: "text", required: false, placeholder: "-----BEGIN CERTIFICATE-----" },
  { name: "replicas", type: "lines", required: false, placeholder: "replica-1.example.com:5432" },
];

/** libpq's sslmode → ours. `allow` is weaker than prefer and buys nothing; `verify-ca` is not offered. */
const SSL_FROM_URL: Readonly<Record<string, SslMode>> = {
  disable: "disable",
  allow: "prefer",
  prefer: "prefer",
  require: "require",
  "verify-full": "verify-full",
};

const badUrl = (message: string, details: Record<string, unknown> = {}) =>
  new StoreError("bad_input", message, { fields: { url: message }, details });

/** Scheme, sign-in, hosts and the rest: an address with several hosts is none that URL would take. */
const ADDRESS = /^([a-z][a-z0-9+.-]*:\/\/)((?:[^/?#]*@)?)([^/?#@]*)(.*)$/is;

/**
 * Fields from `postgres://user:password@host:port,replica:port/database?sslmode=…`: the first host is the primary, the
 * others are its replicas. Throws bad_input that names every parameter outside the allow-list: drivers read files and
 * run commands named in addresses, this one does not.
 */
export function parsePostgresUrl(text: string): Record<string, unknown> {
  const [, scheme = "", login = "", hosts = "", rest = ""] = ADDRESS.exec(text.trim()) ?? [];
  const [primary = "", ...replicas] = hosts.split(",");
  let url: URL;
  try {
    url = new URL(`${scheme}${login}${primary}${rest}`);
  } catch {
    throw badUrl("This is not an address. It should look like postgres://user:password@host:5432/database.");
  }
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") {
    throw badUrl(`An address of PostgreSQL begins with postgres://, not ${url.protocol}//.`);
  }
  return {
    ...(url.hostname && { host: decoded("host", url.hostname.replace(/^\[|\]$/g, "")) }),
    ...(url.port && { port: Number(url.port) }),
    ...(url.pathname.length > 1 && { database: decoded("database", url.pathname.slice(1)) }),
    ...(url.username && { user: decoded("user", url.username) }),
    ...(url.password && { password: decoded("password", url.password) }),
    ...sslOf(url.searchParams),
    ...(replicas.length > 0 && { replicas: replicaNames(replicas) }),
  };
}

/** libpq takes 5432 for a host without a port, whatever the others listen at. */
function replicaNames(hosts: readonly string[]): string {
  const places = hosts.map((host) => parsePlace(host, 5432));
  return places
    .map((place, at) => {
      if (place) return placeName(place);
      const message = `${hosts[at] || "An empty name"} is not the host of a replica, or host:port.`;
      throw badUrl(message, { replica: hosts[at] ?? "" });
    })
    .join("\n");
}

function sslOf(parameters: URLSearchParams): { ssl?: SslMode } {
  const unknown = [...new Set(parameters.keys())].filter((name) => name !== "sslmode");
  if (unknown.length > 0) {
    throw badUrl(
      `Not accepted in an address: ${unknown.join(", ")}. Remove ${unknown.length > 1 ? "them" : "it"}; only sslmode is read.`,
      { parameters: unknown.join(", ") },
    );
  }
  const mode = parameters.get("sslmode");
  if (mode === null) return {};
  const ssl = SSL_FROM_URL[mode];
  if (ssl) return { ssl };
  throw badUrl(`sslmode=${mode} is not offered. Use ${Object.keys(SSL_FROM_URL).join(", ")}.`);
}

/** A password pasted as it is may hold a % that begins nothing. The sentence names the part, never its text. */
function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(`The ${part} in this address holds a % that stands for nothing: write %25 for %.`, { part });
  }
}
