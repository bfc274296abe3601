import { z } from "zod";
import { StoreError } from "@/lib/errors";
import type { ConfigField } from "@/lib/stores/store";

export const ADDRESSING = ["path", "virtual-host"] as const;
export const CHECKSUMS = ["when-required", "when-supported"] as const;
/** For https alone: with http nothing is encrypted, whatever is chosen here. */
export const S3_SSL = ["verify-full", "require"] as const;

/** What S3 accepts as a bucket's name, and what older servers accept besides. An ARN is none. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,62}$/;

/** Empty stays empty; `/a//b/` is `a/b`. */
const normalPrefix = (text: string): string =>
  text
    .split("/")
    .filter((part) => part !== "")
    .join("/");

const origin = (name: string) =>
  z
    .string()
    .trim()
    .max(1_000)
    .default("")
    .superRefine((text, context) => {
      const problem = text === "" ? null : originProblem(text, name);
      if (problem) context.addIssue({ code: "custom", message: problem });
    })
    .transform((text) => (text === "" ? "" : new URL(text).origin));

function originProblem(text: string, name: string): string | null {
  if (!URL.canParse(text)) return `The ${name} is no address. It should look like https://s3.example.com.`;
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    return `The ${name} begins with https:// or http://, not ${url.protocol}//.`;
  if (url.username || url.password)
    return `Keys and passwords have fields of their own: leave them out of the ${name}.`;
  if (url.pathname !== "/" || url.search || url.hash)
    return `The ${name} is a host and a port, nothing behind them: bucket and prefix have fields of their own.`;
  return null;
}

export const s3ConfigSchema = z
  .object({
    /** Origin of the server; empty: AWS, by the region. */
    endpoint: origin("endpoint"),
    region: z
      .string()
      .trim()
      .regex(/^[A-Za-z0-9-]{1,64}$/, "A region is letters, digits and dashes, such as eu-central-1.")
      .default("us-east-1"),
    bucket: z.string().trim().regex(BUCKET, "Give the bucket's name: letters, digits, dots and dashes."),
    prefix: z
      .string()
      .trim()
      .max(500)
      .default("")
      .refine(
        (text) => !text.split("/").some((part) => part === "." || part === ".."),
        "A prefix holds no `.` or `..`.",
      )
      .transform(normalPrefix),
    accessKey: z.string().trim().min(1, "Give the access key.").max(200),
    secretKey: z.string().min(1, "Give the secret key.").max(1_000),
    sessionToken: z.string().trim().max(8_000).optional(),
    addressing: z.enum(ADDRESSING).default("path"),
    checksums: z.enum(CHECKSUMS).default("when-required"),
    ssl: z.enum(S3_SSL).default("verify-full"),
    /** PEM text of the authority that signed the server's certificate; never a path. */
    ca: z.string().max(100_000).optional(),
    /** Origin of an HTTP proxy that connections go through; empty: none. */
    proxy: origin("proxy"),
    proxyUser: z.string().max(200).default(""),
    proxyPassword: z.string().max(1_000).optional(),
  })
  .refine(({ addressing, bucket }) => addressing === "path" || !bucket.includes("_"), {
    path: ["addressing"],
    message: "A bucket with _ in its name is no host name: choose path.",
  });
export type S3Config = z.infer<typeof s3ConfigSchema>;

export const S3_FIELDS: readonly ConfigField[] = [
  { name: "endpoint", type: "text", required: false, placeholder: "https://s3.example.com" },
  { name: "region", type: "text", required: true, placeholder: "us-east-1" },
  { name: "bucket", type: "text", required: true, placeholder: "strata-cold" },
  { name: "prefix", type: "text", required: false, placeholder: "strata" },
  { name: "accessKey", type: "text", required: true },
  { name: "secretKey", type: "password", required: true },
  { name: "sessionToken", type: "password", required: false },
  { name: "addressing", type: "select", required: true, options: ADDRESSING },
  { name: "checksums", type: "select", required: true, options: CHECKSUMS },
  { name: "ssl", type: "select", required: true, options: S3_SSL },
  { name: "ca", type: "lines", required: false, placeholder: "-----BEGIN CERTIFICATE-----" },
  { name: "proxy", type: "text", required: false, placeholder: "http://proxy.example.com:3128" },
  { name: "proxyUser", type: "text", required: false },
  { name: "proxyPassword", type: "password", required: false },
];
export const S3_SECRETS: readonly string[] = ["secretKey", "sessionToken", "proxyPassword"];

const PARAMETERS = ["region", "endpoint", "addressing", "checksums"] as const;
/** A bucket in its host's name: at AWS, and at Aliyun OSS. */
const AWS_HOST = /^(?:(.+)\.)?s3[.-]([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?$/;
const OSS_HOST = /^(?:(.+)\.)?(oss-[a-z0-9-]+\.aliyuncs\.com)$/;

const badUrl = (message: string, details: Record<string, unknown> = {}) =>
  new StoreError("bad_input", message, { fields: { url: message }, details });

/**
 * Fields from `s3://bucket/prefix?region=…&endpoint=…` or from a server's own address,
 * `https://key:secret@host/bucket/prefix`. Throws bad_input that names every parameter outside the allow-list: a
 * pre-signed address is refused by its parameters.
 */
export function parseS3Url(text: string): Record<string, unknown> {
  if (!URL.canParse(text.trim()))
    throw badUrl(
      "This is not an address. It should look like s3://bucket/prefix or https://host/bucket/prefix.",
    );
  const url = new URL(text.trim());
  if (!["s3:", "http:", "https:"].includes(url.protocol))
    throw badUrl(`An address of S3 begins with s3:// or https://, not ${url.protocol}//.`);
  const names: readonly string[] = PARAMETERS;
  const unknown = [...new Set(url.searchParams.keys())].filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw badUrl(
      `Not accepted in an address: ${unknown.join(", ")}. Remove ${unknown.length > 1 ? "them" : "it"}; only ${PARAMETERS.join(", ")} are read.`,
      { parameters: unknown.join(", ") },
    );
  const found = {
    ...placeOf(url),
    ...(url.username && { accessKey: decoded("access key", url.username) }),
    ...(url.password && { secretKey: decoded("secret key", url.password) }),
  };
  for (const name of PARAMETERS) {
    const value = url.searchParams.get(name);
    if (value !== null) Object.assign(found, { [name]: value });
  }
  return found;
}

function placeOf(url: URL): Record<string, string> {
  const path = decoded("path", url.pathname.replace(/^\//, ""));
  if (url.protocol === "s3:") return { bucket: url.hostname, ...(path && { prefix: normalPrefix(path) }) };
  const inHost = hostOf(url);
  const [first = "", ...rest] = path.split("/");
  const bucket = inHost?.bucket ?? first;
  const prefix = normalPrefix(inHost?.bucket ? path : rest.join("/"));
  return {
    ...(inHost ? inHost.fields : { endpoint: url.origin }),
    ...(bucket && { bucket }),
    ...(prefix && { prefix }),
  };
}

function hostOf(url: URL): { bucket: string | undefined; fields: Record<string, string> } | null {
  const addressing = (bucket: string | undefined): Record<string, string> =>
    bucket ? { addressing: "virtual-host" } : {};
  const aws = AWS_HOST.exec(url.hostname);
  if (aws) return { bucket: aws[1], fields: { region: aws[2] ?? "", ...addressing(aws[1]) } };
  const oss = OSS_HOST.exec(url.hostname);
  if (!oss) return null;
  return { bucket: oss[1], fields: { endpoint: `https://${oss[2]}`, ...addressing(oss[1]) } };
}

/** A key pasted as it is may hold a % that begins nothing. The sentence names the part, never its text. */
function decoded(part: string, text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw badUrl(`The ${part} in this address holds a % that stands for nothing: write %25 for %.`, { part });
  }
}
