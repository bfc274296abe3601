import type { ZodType, z } from "zod";
import { AppError } from "@/lib/errors";

/** The parsed input. Throws `bad_input` with one sentence per field (`a.b` for nested ones). */
export function parse<Schema extends ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) {
    refuseUnstorable(result.data, []);
    return result.data;
  }
  const fields: Record<string, string> = {};
  for (const issue of result.error.issues) fields[issue.path.join(".") || "form"] ??= issue.message;
  const named = Object.entries(fields).map(([name, message]) => `${name}: ${message}`);
  throw new AppError("bad_input", `Some fields do not fit. Nothing was changed. ${named.join("; ")}`, {
    fields,
    key: "badInput",
  });
}

/** What no database stores in a text or as JSON: refused at its field, before a query fails on it. */
function refuseUnstorable(value: unknown, path: readonly string[]): void {
  if (typeof value === "string" && (value.includes("\0") || !value.isWellFormed())) {
    const name = path.join(".") || "form";
    const what = value.includes("\0") ? "the character NUL" : "half of a character (a lone surrogate)";
    const sentence = `The text holds ${what}, which no database stores. Remove it.`;
    throw new AppError("bad_input", `Some fields do not fit. Nothing was changed. ${name}: ${sentence}`, {
      fields: { [name]: sentence },
      key: "badInput",
    });
  }
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) refuseUnstorable(inner, [...path, name]);
}
