import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError } from "@/lib/errors";
import type { SearchInput } from "@/lib/schemas/search";
import type { Cursor } from "@/lib/stores/batch";

/** Where a dataset's reading stands: its last row on a page so far, or its end. Absent: nothing of it was shown. */
export type Progress = Readonly<Record<string, Cursor | "end">>;

const shape = z.object({
  v: z.literal(1),
  of: z.string(),
  at: z.record(z.string(), z.union([z.array(z.string()).min(1).max(17), z.literal("end")])),
});

/** A position belongs to one search: with other words or filters it would skip rows. */
function fingerprint(input: SearchInput): string {
  const { cursor: _cursor, limit: _limit, ...asked } = input;
  const sorted = Object.entries(asked)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([name, value]) => [name, Array.isArray(value) ? [...value].sort() : value] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(sorted)).digest("base64url").slice(0, 16);
}

export const encodeProgress = (input: SearchInput, progress: Progress): string =>
  Buffer.from(JSON.stringify({ v: 1, of: fingerprint(input), at: progress })).toString("base64url");

/** Throws bad_input for a position that is not one of this search. */
export function decodeProgress(input: SearchInput): Progress {
  if (!input.cursor) return {};
  try {
    const parsed = shape.parse(JSON.parse(Buffer.from(input.cursor, "base64url").toString("utf8")));
    if (parsed.of === fingerprint(input)) return parsed.at;
  } catch {
    // told below
  }
  throw new AppError(
    "bad_input",
    "This position belongs to another search, or is not one of ours. Start again from the first page.",
    { key: "badCursor", fields: { cursor: "not a position in this search" } },
  );
}
