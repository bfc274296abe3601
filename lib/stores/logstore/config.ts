import { z } from "zod";
import { StoreError } from "@/lib/errors";
import type { ConfigField } from "@/lib/stores/store";

export const SSL_MODES = ["require", "verify-full", "disable"] as const;
export type SslMode = (typeof SSL_MODES)[number];

/** A field that was left empty in a form. */
const days = z
  .union([z.literal("").transform(() => undefined), z.coerce.number().int().min(1).max(3_650)])
  .optional();

export const logstoreConfigSchema = z.object({
  host: z.string().trim().min(1).max(255),
  /** 5432, or 6432 where the endpoint offers it there. */
  port: z.coerce.number().int().min(1).max(65_535).default(5432),
  project: z.string().min(1).max(63),
  accessKeyId: z.string().min(1).max(128),
  accessKeySecret: z.string().max(1_000).default(""),
  ssl: z.enum(SSL_MODES).default("require"),
  /** PEM text of the authority that signed the endpoint's certificate; never a path. */
  ca: z.string().max(100_000).optional(),
  /** The time to live that is set on the logstores: the protocol does not tell it. */
  ttlDays: days,
});
export type LogstoreConfig = z.infer<typeof logstoreConfigSchema>;

export const LOGSTORE_FIELDS: readonly ConfigField[] = [
  { name: "host", type: "text", required: true, placeholder: "cn-hangzhou.log.aliyuncs.com" },
  { name: "port", type: "number", required: true, placeholder: "5432" },
  { name: "project", type: "text", required: true, placeholder: "dify-workflow-logs" },
  { name: "accessKeyId", type: "text", required: true, placeholder: "LTAI…" },
  { name: "accessKeySecret", type: "password", required: false },
  { name: "ssl", type: "select", required: true, options: SSL_MODES },
  { name: "ca", type: "text", required: false, placeholder: "-----BEGIN CERTIFICATE-----" },
  { name: "ttlDays", type: "number", required: false, placeholder: "365" },
];

/** libpq's sslmode → ours. `prefer` would send the access key in clear text to whoever refuses TLS. */
const SSL_FROM_URL: Readonly<Record<string, SslMode>> = {
  disable: "disable",
  require: "require",
  "verify-full": "verify-full",
};

const badUrl = (message: string, details: Record<string, unknown> = {}) =>
  new StoreError("bad_input", message, { fields: { url: message }, details });

/**
 * Fields from `postgresql://accessKeyId:accessKeySecret@endpoint:5432/project?sslmode=require`. Throws bad_input that
 * names every parameter outside the allow-list: drivers read files named in addresses, this one does not.
 */
export function parseLogstoreUrl(text: string): Record<string, unknown> {
  const url = URL.parse(text.trim());
  if (!url) {
    throw badUrl(
      "This is not an address. It should look like postgresql://key:secret@endpoint:5432/project.",
    );
  }
  if (url.protocol !== "postgres:" && url.protocol !== "postgresql:") {
    throw badUrl(`An address of LogStore begins with postgresql://, not ${url.protocol}//.`);
  }
  const unknown = [...new Set(url.searchParams.keys())].filter((name) => name !== "sslmode");
  if (unknown.length > 0) {
    throw badUrl(`Not accepted in an address: ${unknown.join(", ")}. Remove it; only sslmode is read.`, {
      parameters: unknown.join(", "),
    });
  }
  const mode = url.searchParams.get("sslmode");
  const ssl = mode === null ? undefined : SSL_FROM_URL[mode];
  if (mode !== null && ssl === undefined) {
    throw badUrl(`sslmode=${mode} is not offered. Use ${Object.keys(SSL_FROM_URL).join(", ")}.`);
  }
  return {
    ...(url.hostname && { host: decoded("host", url.hostname.replace(/^\[|\]$/g, "")) }),
    ...(url.port && { port: Number(url.port) }),
    ...(url.pathname.length > 1 && { project: decoded("project", url.pathname.slice(1)) }),
    ...(url.username && { accessKeyId: decoded("access key", url.username) }),
    ...(url.password && { accessKeySecret: decoded("secret", url.password) }),
    ...(ssl && { ssl }),
  };
}

/** A secret pasted as it is may hold a % that begins nothing. The sentence names the part, never its text. */
function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(`The ${part} in this address holds a % that stands for nothing: write %25 for %.`, { part });
  }
}
