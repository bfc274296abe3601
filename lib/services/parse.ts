import type { ZodType, z } from "zod";
import { AppError } from "@/lib/errors";

/** The parsed input. Throws `bad_input` with one sentence per field (`a.b` for nested ones). */
export function parse<Schema extends ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const fields: Record<string, string> = {};
  for (const issue of result.error.issues) fields[issue.path.join(".") || "form"] ??= issue.message;
  const named = Object.entries(fields).map(([name, message]) => `${name}: ${message}`);
  throw new AppError("bad_input", `Some fields do not fit. Nothing was changed. ${named.join("; ")}`, {
    fields,
    key: "badInput",
  });
}
