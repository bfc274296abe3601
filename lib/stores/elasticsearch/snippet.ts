/** Stands around what a highlighter found; in no text that people write. */
export const MARK = "\u0001";

/**
 * At most so many characters around the first match: where a term stands letter by letter, else where the server's
 * highlighter found it, else the beginning.
 */
export function snippetOf(
  text: string | null,
  terms: readonly string[],
  piece: string | null,
  maxChars: number,
): string | null {
  if (text === null || text.length <= maxChars) return text;
  const lower = text.toLowerCase();
  const at = terms.map((term) => lower.indexOf(term.toLowerCase())).filter((found) => found >= 0);
  if (at.length > 0) return cut(text, Math.min(...at), maxChars);
  if (piece !== null) {
    const plain = piece.replaceAll(MARK, "");
    return cut(plain, Math.max(0, piece.indexOf(MARK)), maxChars);
  }
  return cut(text, 0, maxChars);
}

/** A third of the room before the match; never half of a surrogate pair. */
function cut(text: string, at: number, maxChars: number): string {
  const from = Math.max(0, Math.min(at - Math.floor(maxChars / 3), text.length - maxChars));
  const piece = text.slice(from, from + maxChars);
  return piece.replace(/^[\uDC00-\uDFFF]/, "").replace(/[\uD800-\uDBFF]$/, "");
}
