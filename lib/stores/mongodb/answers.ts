import type { Document } from "mongodb";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import { serverCode, toStoreError } from "@/lib/stores/mongodb/errors";

/** Why a panel stays empty: the server does not know the command, or the user may not. */
export type Lacking = "unknown" | "denied";

export type Answer = { document: Document; lacking: null } | { document: null; lacking: Lacking };

/** CommandNotFound, CommandNotSupported, and what members of no replica set answer. */
const UNKNOWN: ReadonlySet<number> = new Set([59, 115, 76, 168, 40324, 93, 72]);
const DENIED: ReadonlySet<number> = new Set([13, 31, 8000]);

/** The answer to a command that not every server knows and not every user may give. Other failures are thrown. */
export async function asked(
  handle: MongoHandle,
  database: string,
  command: Document,
  run: RunOptions,
): Promise<Answer> {
  try {
    return { document: await handle.command(database, command, run), lacking: null };
  } catch (error) {
    const lacking = lackingOf(error);
    if (lacking) return { document: null, lacking };
    throw error;
  }
}

export function lackingOf(error: unknown): Lacking | null {
  const code = serverCode(toStoreError(error));
  if (code !== undefined && DENIED.has(code)) return "denied";
  return code !== undefined && UNKNOWN.has(code) ? "unknown" : null;
}

/** A whole number of any of BSON's kinds; null for what is none. */
export function numberIn(document: Document | null | undefined, path: string): number | null {
  let at: unknown = document;
  for (const name of path.split("/")) {
    if (typeof at !== "object" || at === null) return null;
    at = Reflect.get(at, name);
  }
  if (at === null || at === undefined || typeof at === "boolean" || at === "") return null;
  const value = Number(at);
  return Number.isFinite(value) ? value : null;
}
