import { authorize } from "@/lib/auth/authorize";
import { AppError } from "@/lib/errors";
import { type ParseUrlInput, parseUrlSchema } from "@/lib/schemas/store";
import type { Actor } from "@/lib/schemas/user";
import { parse } from "@/lib/services/parse";
import { driverOf } from "@/lib/services/stores/driver";

/** A pasted address as field values. Throws `bad_input` (field url) that names each unknown parameter. */
export async function parseUrl(
  actor: Actor,
  input: ParseUrlInput,
): Promise<Record<string, string | number | boolean | null>> {
  authorize(actor, "store.write");
  const { kind, url } = parse(parseUrlSchema, input);
  const driver = driverOf(kind);
  if (!driver.parseUrl) {
    const sentence = `${driver.label} has no addresses to paste; fill in the fields.`;
    throw new AppError("bad_input", sentence, {
      key: "noUrl",
      details: { kind: driver.label },
      fields: { url: sentence },
    });
  }
  const values = Object.entries(driver.parseUrl(url)).filter(
    (entry): entry is [string, string | number | boolean] =>
      ["string", "number", "boolean"].includes(typeof entry[1]),
  );
  return Object.fromEntries(values);
}
