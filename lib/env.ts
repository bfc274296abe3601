import { resolve } from "node:path";
import { z } from "zod";

/** The only reader of process.env. Every variable stands in docs/configuration.md; a test compares. */
const schema = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("production"),
  PORT: z.coerce.number().int().min(1).max(65535).default(3000),
  STRATA_HOST: z.string().default("127.0.0.1"),
  STRATA_DATA: z.string().default("data"),
  DATABASE_URL: z
    .string()
    .refine(
      (text) => URL.canParse(text),
      "not an address such as postgres://user:password@host:5432/database",
    )
    .optional(),
  STRATA_SECRET: z.string().min(32).optional(),
  STRATA_URL: z.string().optional(),
  STRATA_LOG: z.enum(["debug", "info", "warn", "error", "silent"]).default("info"),
  STRATA_WORKERS: z.coerce.number().int().min(0).max(64).default(1),
  STRATA_SETUP_TOKEN: z.string().min(16).optional(),
  STRATA_DEMO: z.enum(["0", "1"]).default("0"),
});

export type Env = Omit<z.infer<typeof schema>, "STRATA_DATA"> & {
  /** Absolute path of the data folder. */
  STRATA_DATA: string;
};

let cached: Env | undefined;

/** The parsed environment. Throws one sentence per variable that does not fit. */
export function env(): Env {
  if (cached) return cached;
  const parsed = schema.safeParse(process.env);
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
    throw new Error(`The environment does not fit. ${lines.join("; ")}`);
  }
  cached = { ...parsed.data, STRATA_DATA: resolve(/* turbopackIgnore: true */ parsed.data.STRATA_DATA) };
  return cached;
}

/** Forgets the parsed environment, so that the next call reads it again. */
export function resetEnv(): void {
  cached = undefined;
}

/** The variables a child process of ours starts from: everything we were given plus `extra`. */
export function childEnv(extra: Record<string, string>): NodeJS.ProcessEnv {
  return { ...process.env, ...extra };
}
