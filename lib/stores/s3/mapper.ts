import { StoreError } from "@/lib/errors";
import type { TableRef } from "@/lib/stores/table";

const MAX_KEY_BYTES = 1024;
/** Objects that only `check` writes, to learn what the server can do; never listed. */
export const PROBE = ".strata-probe";

/**
 * The key in the bucket. Throws bad_input for what servers take apart differently: an empty part (`p//x` is `p/x` on
 * some and refused by others), `.` and `..`, control characters, and keys that are too long for any of them.
 */
export function bucketKey(prefix: string, key: string): string {
  const parts = key.split("/");
  const whole = prefix === "" ? key : `${prefix}/${key}`;
  const bad =
    key.includes("\\") ||
    [...key].some(isControl) ||
    Buffer.byteLength(whole) > MAX_KEY_BYTES ||
    parts.some((part) => part === "" || part === "." || part === "..") ||
    key.startsWith(PROBE);
  if (!bad) return whole;
  throw new StoreError(
    "bad_input",
    `${JSON.stringify(key)} cannot be the key of an object. Nothing was changed.`,
    {
      details: { key },
      key: "s3.badKey",
    },
  );
}

const isControl = (char: string): boolean => char < " " || char === "\u007f";

/** What to list for a prefix of ours: with the store's own prefix a whole part, so that `a` does not list `ab`. */
export const bucketPrefix = (prefix: string, key: string): string =>
  prefix === "" ? key : `${prefix}/${key}`;

/** Our key of a key in the bucket. */
export const ourKey = (prefix: string, key: string): string =>
  prefix === "" ? key : key.slice(prefix.length + 1);

/** Whether an object is nobody's data: a folder's marker, or a probe of ours. */
export const isHidden = (key: string): boolean => key === "" || key.startsWith(PROBE);

/** `store=A/dataset=B/…` → { schema: A, name: B }; other objects by the first part of their key. */
export function tableOfKey(key: string): TableRef {
  const parts = key.split("/").map((part) => part.split("="));
  const value = (name: string) => parts.find(([label]) => label === name)?.[1];
  const dataset = value("dataset");
  if (dataset !== undefined) return { schema: decoded(value("store") ?? ""), name: decoded(dataset) };
  const slash = key.indexOf("/");
  return { schema: "", name: slash < 0 ? "" : key.slice(0, slash) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // not written by us
  }
}

/** The prefix, in our keys, of what `tableOfKey` calls so. Empty: everything. */
export function prefixOfTable({ schema, name }: TableRef): string {
  if (schema === "") return name === "" ? "" : `${name}/`;
  const part = (label: string, value: string) =>
    `${label}=${encodeURIComponent(value).replaceAll(".", "%2E")}`;
  return `${part("store", schema)}/${part("dataset", name)}/`;
}
