import { z } from "zod";
import { StoreError } from "@/lib/errors";
import type { ConfigField } from "@/lib/stores/store";

export const ES_SSL_MODES = ["disable", "require", "verify-full"] as const;

export const elasticsearchConfigSchema = z.object({
  host: z
    .string()
    .trim()
    .min(1)
    .max(255)
    // It becomes a part of an address: what would end it, or be decoded in it, is none of a host's name.
    .regex(/^[^\s/\\@?#%[\]]+$/, "A host's name or address alone, such as search.example.com."),
  port: z.coerce.number().int().min(1).max(65_535).default(9200),
  ssl: z.enum(ES_SSL_MODES).default("disable"),
  /** PEM text of the authority that signed the server's certificate; never a path. */
  ca: z.string().max(100_000).optional(),
  user: z.string().max(1_000).default(""),
  password: z.string().max(1_000).default(""),
  /** The encoded form, as the server hands it out: base64 of `id:key`. Used instead of user and password. */
  apiKey: z
    .string()
    .trim()
    .max(2_000)
    .regex(/^[\x21-\x7e]*$/, "An API key has neither spaces nor line breaks.")
    .default(""),
  /** Where the API begins behind a proxy: `/search`. */
  pathPrefix: z
    .string()
    .trim()
    .max(500)
    .regex(/^(\/[A-Za-z0-9._~-]+)*\/?$/, "A path such as /search.")
    .default(""),
});
export type ElasticsearchConfig = z.infer<typeof elasticsearchConfigSchema>;

export const ELASTICSEARCH_FIELDS: readonly ConfigField[] = [
  { name: "host", type: "text", required: true, placeholder: "search.example.com" },
  { name: "port", type: "number", required: true, placeholder: "9200" },
  { name: "ssl", type: "select", required: true, options: ES_SSL_MODES },
  { name: "ca", type: "text", required: false, placeholder: "-----BEGIN CERTIFICATE-----" },
  { name: "user", type: "text", required: false, placeholder: "strata" },
  { name: "password", type: "password", required: false },
  { name: "apiKey", type: "password", required: false },
  { name: "pathPrefix", type: "text", required: false, placeholder: "/search" },
];

const badUrl = (message: string, details: Record<string, unknown> = {}) =>
  new StoreError("bad_input", message, { fields: { url: message }, details });

/** Fields from `https://user:password@host:port/prefix`. Throws bad_input that names every parameter: none is read. */
export function parseElasticsearchUrl(text: string): Record<string, unknown> {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw badUrl("This is not an address. It should look like https://user:password@host:9200.");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw badUrl(`An address of Elasticsearch begins with http:// or https://, not ${url.protocol}//.`);
  const unknown = [...new Set(url.searchParams.keys())];
  if (unknown.length > 0)
    throw badUrl(`Not accepted in an address: ${unknown.join(", ")}. No parameter is read.`, {
      parameters: unknown.join(", "),
    });
  const secure = url.protocol === "https:";
  const prefix = url.pathname.replace(/\/+$/, "");
  return {
    ...(url.hostname && { host: url.hostname.replace(/^\[|\]$/g, "") }),
    port: url.port ? Number(url.port) : secure ? 443 : 80,
    ssl: secure ? "verify-full" : "disable",
    ...(url.username && { user: decoded("user", url.username) }),
    ...(url.password && { password: decoded("password", url.password) }),
    ...(prefix && { pathPrefix: prefix }),
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
