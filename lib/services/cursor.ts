import { z } from "zod";
import { AppError } from "@/lib/errors";

const parts = z.array(z.string()).min(1).max(4);

/** An opaque position in a list, from the sort values of its last item. */
export const encodeCursor = (values: readonly string[]): string =>
  Buffer.from(JSON.stringify(values)).toString("base64url");

/** The sort values of a position; null for the beginning. Throws `bad_input` for anything we did not make. */
export function decodeCursor(cursor: string | null | undefined, length: number): string[] | null {
  if (!cursor) return null;
  try {
    const values = parts.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
    if (values.length === length) return values;
  } catch {
    // told below
  }
  throw new AppError(
    "bad_input",
    "This position in the list is not one of ours. Start again from its beginning.",
    {
      fields: { cursor: "not a position in this list" },
      key: "badCursor",
    },
  );
}
