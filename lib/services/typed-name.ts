import { AppError } from "@/lib/errors";

/** Throws `bad_input` (field confirm) unless the name was typed as it is. */
export function assertTypedName(name: string, typed: string): void {
  if (typed.trim() === name) return;
  const sentence = `Type the name ${name} exactly as it is. Nothing was done.`;
  throw new AppError("bad_input", sentence, {
    key: "typedName",
    details: { name },
    fields: { confirm: sentence },
  });
}
