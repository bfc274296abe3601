import { StoreError } from "@/lib/errors";
import type { Physical } from "@/lib/stores/batch";

/**
 * The one place where values and names become text of a statement: LogStore has no extended protocol, so nothing can
 * be sent beside a statement. Whoever builds SQL in this folder gets it from here; literal.test.ts tries to break out.
 */

const refuse = (what: string, why: string): StoreError =>
  new StoreError("bad_input", `This ${what} cannot be sent to a LogStore: ${why}. Nothing was changed.`, {
    key: "logstore.literal",
    details: { what, why },
  });

function checked(what: string, text: string): string {
  if (text.includes("\0")) throw refuse(what, "it holds a zero character");
  if (!text.isWellFormed()) throw refuse(what, "it is not valid Unicode");
  return text;
}

/**
 * A text in quotes. Quotes are doubled; a backslash, which means itself or not by a setting of the server, is written
 * in the form that means the same under either: E'…\\…'. Throws bad_input for what no literal can hold.
 */
export function textLiteral(text: string): string {
  const doubled = checked("text", text).replaceAll("'", "''");
  return doubled.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}

/** A name in double quotes, whatever is in it. */
export function identifier(name: string): string {
  if (name === "") throw refuse("name", "it is empty");
  return `"${checked("name", name).replaceAll('"', '""')}"`;
}

const INTEGER = /^-?\d{1,19}$/;

/**
 * A value in the form its column compares and takes: whole numbers bare where they are nothing but digits, everything
 * else as a text that the server casts. A bare -0 would lose its sign.
 */
export function valueLiteral(physical: Physical, text: string | null): string {
  if (text === null) return "NULL";
  if (physical === "int64" && INTEGER.test(text)) return text;
  if (physical === "bool" && (text === "true" || text === "false")) return text;
  return textLiteral(text);
}

/** A count in a LIMIT: a whole number from 1 on. */
export function countLiteral(count: number): string {
  return String(Math.max(1, Math.min(Number.MAX_SAFE_INTEGER, Math.floor(count) || 1)));
}
