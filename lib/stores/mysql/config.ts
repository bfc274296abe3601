import { z } from "zod";
import { StoreError } from "@/lib/errors";
import type { ConfigField } from "@/lib/stores/store";

export const SSL_MODES = ["disable", "prefer", "require", "verify-full"] as const;
export type SslMode = (typeof SSL_MODES)[number];

export const mysqlConfigSchema = z.object({
  host: z.string().trim().min(1).max(255),
  port: z.coerce.number().int().min(1).max(65_535).default(3306),
  database: z.string().min(1).max(64),
  user: z.string().min(1).max(80),
  password: z.string().max(1_000).default(""),
  ssl: z.enum(SSL_MODES).default("prefer"),
  /** PEM text of the authority that signed the server's certificate; never a path. */
  ca: z.string().max(100_000).optional(),
});
export type MysqlConfig = z.infer<typeof mysqlConfigSchema>;

export const MYSQL_FIELDS: readonly ConfigField[] = [
  { name: "host", type: "text", required: true, placeholder: "db.example.com" },
  { name: "port", type: "number", required: true, placeholder: "3306" },
  { name: "database", type: "text", required: true, placeholder: "newapi" },
  { name: "user", type: "text", required: true, placeholder: "strata" },
  { name: "password", type: "password", required: false },
  { name: "ssl", type: "select", required: true, options: SSL_MODES },
  { name: "ca", type: "text", required: false, placeholder: "-----BEGIN CERTIFICATE-----" },
];

/** MySQL's ssl-mode → ours. VERIFY_CA is not offered: a certificate of any host would do. */
const SSL_FROM_URL: Readonly<Record<string, SslMode>> = {
  DISABLED: "disable",
  PREFERRED: "prefer",
  REQUIRED: "require",
  VERIFY_IDENTITY: "verify-full",
};

const badUrl = (message: string, details: Record<string, unknown> = {}) =>
  new StoreError("bad_input", message, { fields: { url: message }, details });

/**
 * Fields from `mysql://user:password@host:port/database?ssl-mode=…` (or mariadb://). Throws bad_input that names every
 * parameter outside the allow-list: clients send files (allowLoadLocalInfile), run statements (init_connect) and load
 * code (authPlugins) named in addresses, this one does not.
 */
export function parseMysqlUrl(text: string): Record<string, unknown> {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw badUrl("This is not an address. It should look like mysql://user:password@host:3306/database.");
  }
  if (url.protocol !== "mysql:" && url.protocol !== "mariadb:") {
    throw badUrl(`An address of MySQL or MariaDB begins with mysql://, not ${url.protocol}//.`);
  }
  const unknown = [...new Set(url.searchParams.keys())].filter((name) => name !== "ssl-mode");
  if (unknown.length > 0) {
    throw badUrl(
      `Not accepted in an address: ${unknown.join(", ")}. Remove ${unknown.length > 1 ? "them" : "it"}; only ssl-mode is read.`,
      { parameters: unknown.join(", ") },
    );
  }
  const mode = url.searchParams.get("ssl-mode");
  const ssl = mode === null ? undefined : SSL_FROM_URL[mode.toUpperCase()];
  if (mode !== null && ssl === undefined) {
    throw badUrl(`ssl-mode=${mode} is not offered. Use ${Object.keys(SSL_FROM_URL).join(", ")}.`);
  }
  return {
    ...(url.hostname && { host: decoded("host", url.hostname.replace(/^\[|\]$/g, "")) }),
    ...(url.port && { port: Number(url.port) }),
    ...(url.pathname.length > 1 && { database: decoded("database", url.pathname.slice(1)) }),
    ...(url.username && { user: decoded("user", url.username) }),
    ...(url.password && { password: decoded("password", url.password) }),
    ...(ssl && { ssl }),
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
