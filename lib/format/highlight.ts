/** Letters of Unicode 16 and 17, which the databases do not fold yet: equal to themselves only. */
const UNFOLDED: readonly [number, number][] = [
  [0x1c89, 0x1c89],
  [0xa7cb, 0xa7dc],
  [0x10d50, 0x10d65],
  [0x16ea0, 0x16eb8],
];
const UNUSUAL = /[\u0130\u03a3\u1c89\ua7cb-\ua7dc\ud800-\udfff]/;

function foldChar(char: string): string {
  const codePoint = char.codePointAt(0) ?? 0;
  if (codePoint === 0x130) return "i";
  if (UNFOLDED.some(([first, last]) => codePoint >= first && codePoint <= last)) return char;
  const lower = char.toLowerCase();
  return lower.length === char.length ? lower : char;
}

/**
 * Text without its case, code point by code point, so that offsets stay what they were. Unlike `toLowerCase` a
 * final sigma is a sigma and nothing grows. The search compares texts in this form on every tier.
 */
export function foldCase(text: string): string {
  if (!UNUSUAL.test(text)) {
    const lower = text.toLowerCase();
    if (lower.length === text.length) return lower;
  }
  let out = "";
  for (const char of text) out += foldChar(char);
  return out;
}

/**
 * Where the terms stand in a text: half-open UTF-16 ranges in order, those that touch or overlap joined. Neither
 * end lies inside a surrogate pair.
 */
export function highlightRanges(text: string, terms: readonly string[]): [number, number][] {
  const folded = foldCase(text);
  const found: [number, number][] = [];
  for (const term of terms) {
    const needle = foldCase(term);
    if (needle === "") continue;
    for (let at = folded.indexOf(needle); at >= 0; at = folded.indexOf(needle, at + needle.length)) {
      found.push([at, at + needle.length]);
    }
  }
  found.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const joined: [number, number][] = [];
  for (const [from, until] of found) {
    const last = joined[joined.length - 1];
    if (last && from <= last[1]) last[1] = Math.max(last[1], until);
    else joined.push([from, until]);
  }
  return joined;
}
