import { createHash } from "node:crypto";
import type { Vector } from "@/lib/stores/batch";
import { vectorText } from "@/lib/stores/text-form";

/**
 * The content digest of one row (16 bytes, see digest.ts), computed in this process: for stores that cannot compute
 * it themselves (trait `digestsInStore: false`).
 */
export function rowDigest(vectors: readonly Vector[], row: number): Uint8Array {
  const hash = createHash("md5");
  for (const vector of vectors) {
    const value = vector.values[row];
    // Text is hashed as the bytes it is: decoding it first would cost more than the hash.
    if (vector.physical === "text" && value instanceof Uint8Array) {
      hash.update(`${value.byteLength}:`).update(value);
      continue;
    }
    const text = vectorText(vector, row);
    hash.update(text === null ? ":" : `${Buffer.byteLength(text)}:${text}`);
  }
  return hash.digest();
}

/** Digests of all rows, in their order. */
export const rowDigests = (vectors: readonly Vector[], rowCount: number): Uint8Array[] =>
  Array.from({ length: rowCount }, (_, row) => rowDigest(vectors, row));
