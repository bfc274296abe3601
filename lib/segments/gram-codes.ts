/**
 * How a text becomes grams. Every code point has one byte: 0 breaks a run, 1 is a character of a script written
 * without spaces (two and three of them make a gram), anything else is a letter or digit of a word (three, four
 * and five of them make a gram). Code points that differ only in case share a byte, and more may: a shared byte
 * costs a needless look, a missing one would hide a row.
 */
export const BREAK = 0;
export const IDEOGRAPH = 1;

const DENSE = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}\p{sc=Yi}]/u;
const WORD = /[\p{L}\p{N}\p{M}]/u;
/** Upper-case dotted I has no single lower-case code point in JavaScript; databases take it for i. */
const DOTTED_I = 0x130;

/** One code point for all that some folding takes for equal: coarser than any single one. */
export function coarseFold(codePoint: number): number {
  if (codePoint === DOTTED_I) return 0x69;
  const lower = single(String.fromCodePoint(codePoint).toLowerCase(), codePoint);
  const upper = single(String.fromCodePoint(lower).toUpperCase(), lower);
  return single(String.fromCodePoint(upper).toLowerCase(), upper);
}

function single(text: string, fallback: number): number {
  const first = text.codePointAt(0) ?? fallback;
  return text.length === (first > 0xffff ? 2 : 1) ? first : fallback;
}

function codeOf(codePoint: number): number {
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return BREAK;
  const folded = coarseFold(codePoint);
  const text = String.fromCodePoint(folded);
  if (DENSE.test(text)) return IDEOGRAPH;
  if (!WORD.test(text)) return BREAK;
  return folded < 0x80 ? folded : 0x80 | (folded & 0x7f);
}

let table: Uint8Array | undefined;

/** The byte of each code point below U+10000. */
export function gramCodes(): Uint8Array {
  if (table) return table;
  const codes = new Uint8Array(0x10000);
  for (let codePoint = 0; codePoint < 0x10000; codePoint += 1) codes[codePoint] = codeOf(codePoint);
  table = codes;
  return codes;
}

const astral = new Map<number, number>();

/** The byte of a code point above U+FFFF. */
export function astralCode(codePoint: number): number {
  if (codePoint > 0x10ffff) return BREAK;
  let code = astral.get(codePoint);
  if (code === undefined) {
    code = codeOf(codePoint);
    if (astral.size < 0x20000) astral.set(codePoint, code);
  }
  return code;
}
