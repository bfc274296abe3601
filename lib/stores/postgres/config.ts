import { z } from "zod";
import { StoreError } from "@/lib/errors";
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

/**
 * Fields from `postgres://user:password@host:port/database?sslmode=…`. Throws bad_input that names every
 * parameter outside the allow-list: drivers read files and run commands named in addresses, this one does not.
 */
export function parsePostgresUrl(text: string): Record<string, unknown> {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw badUrl("This is not an address. It should look like postgres://user:password@host:5432/database.");
  }
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") {
    throw badUrl(`An address of PostgreSQL begins with postgres://, not ${url.protocol}//.`);
  }
  const unknown = [...new Set(url.searchParams.keys())].filter((name) => name !== "sslmode");
  if (unknown.length > 0) {
    throw badUrl(
      `Not accepted in an address: ${unknown.join(", ")}. Remove ${unknown.length > 1 ? "them" : "it"}; only sslmode is read.`,
      { parameters: unknown.join(", ") },
    );
  }
  const mode = url.searchParams.get("sslmode");
  if (mode !== null && SSL_FROM_URL[mode] === undefined) {
    throw badUrl(`sslmode=${mode} is not offered. Use ${Object.keys(SSL_FROM_URL).join(", ")}.`);
  }
  return {
    ...(url.hostname && { host: decoded("host", url.hostname.replace(/^\[|\]$/g, "")) }),
    ...(url.port && { port: Number(url.port) }),
    ...(url.pathname.length > 1 && { database: decoded("database", url.pathname.slice(1)) }),
    ...(url.username && { user: decoded("user", url.username) }),
    ...(url.password && { password: decoded("password", url.password) }),
    ...(mode !== null && { ssl: SSL_FROM_URL[mode] }),
  };
}

/** A password pasted as it is may hold a % that begins nothing. The sentence names the part, never its text. */
function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(`The ${part} in this address holds a % that stands for nothing: write %25 for %.`, { part });
  }
}
