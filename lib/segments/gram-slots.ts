import { astralCode, BREAK, gramCodes, IDEOGRAPH } from "./gram-codes";

/** Grams are spread over 2^21 slots; a table of a sidecar then takes them modulo its own size. */
export const SLOT_BITS = 21;
export const SLOT_COUNT = 1 << SLOT_BITS;
const SHIFT = 32 - SLOT_BITS;

const codes = gramCodes();

function mix(hash: number): number {
  const a = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return Math.imul(a ^ (a >>> 15), 0x846ca68b);
}

const wordSlot = (window: number): number =>
  Math.imul(Math.imul(window ^ (window >>> 15), 0x2c1b3c6d) ^ (window >>> 12), 0x297a2d39) >>> SHIFT;
/** Five letters: `window` holds the last four, `older` the one before. */
const longSlot = (window: number, older: number): number =>
  Math.imul(
    Math.imul(window ^ (window >>> 13), 0x5bd1e995) ^ Math.imul(older + 1, 0x9e3779b1),
    0x846ca68b,
  ) >>> SHIFT;
const shortSlot = (window: number): number =>
  Math.imul(Math.imul((window & 0xffffff) ^ 0x5bd1e995, 0x85ebca6b) ^ (window >>> 9), 0xc2b2ae35) >>> SHIFT;

/**
 * Marks the slots of every gram of a UTF-8 text. Bytes that are not UTF-8 break a run and nothing else. Nothing
 * is decoded into strings: this lies on the path of every archived byte.
 */
export function markText(bits: Uint32Array, text: Uint8Array): void {
  const end = text.length;
  let window = 0;
  let run = 0;
  let dense = 0;
  let denser = 0;
  let at = 0;
  while (at < end) {
    let codePoint = text[at] as number;
    at += 1;
    let code: number;
    if (codePoint < 0x80) {
      code = codes[codePoint] as number;
    } else {
      const width =
        codePoint < 0xc2 ? 0 : codePoint < 0xe0 ? 1 : codePoint < 0xf0 ? 2 : codePoint < 0xf5 ? 3 : 0;
      if (width === 0 || !continues(text, at, width)) {
        run = 0;
        dense = 0;
        continue;
      }
      if (width === 1) codePoint = ((codePoint & 0x1f) << 6) | ((text[at] as number) & 0x3f);
      else {
        codePoint = ((codePoint & (width === 2 ? 0x0f : 0x07)) << 6) | ((text[at] as number) & 0x3f);
        codePoint = (codePoint << 6) | ((text[at + 1] as number) & 0x3f);
        if (width === 3) codePoint = (codePoint << 6) | ((text[at + 2] as number) & 0x3f);
      }
      at += width;
      code = codePoint < 0x10000 ? (codes[codePoint] as number) : astralCode(codePoint);
    }
    if (code > IDEOGRAPH) {
      dense = 0;
      const older = window >>> 24;
      window = (window << 8) | code;
      run += 1;
      if (run >= 3) {
        const short = shortSlot(window & 0xffffff);
        bits[short >>> 5] = (bits[short >>> 5] as number) | (1 << short);
        if (run >= 4) {
          const slot = wordSlot(window);
          bits[slot >>> 5] = (bits[slot >>> 5] as number) | (1 << slot);
          if (run >= 5) {
            const long = longSlot(window, older);
            bits[long >>> 5] = (bits[long >>> 5] as number) | (1 << long);
          }
        }
      }
    } else if (code === BREAK) {
      run = 0;
      dense = 0;
    } else {
      run = 0;
      if (dense !== 0) {
        const hash = pairHash(dense, codePoint);
        const first = hash >>> SHIFT;
        const second = mix(hash) >>> SHIFT;
        bits[first >>> 5] = (bits[first >>> 5] as number) | (1 << first);
        bits[second >>> 5] = (bits[second >>> 5] as number) | (1 << second);
        const third = mix(hash ^ 0x6a09e667) >>> SHIFT;
        bits[third >>> 5] = (bits[third >>> 5] as number) | (1 << third);
        if (denser !== 0) {
          const triple = tripleHash(hash, denser) >>> SHIFT;
          bits[triple >>> 5] = (bits[triple >>> 5] as number) | (1 << triple);
        }
      }
      denser = dense;
      dense = codePoint;
    }
  }
}

function continues(text: Uint8Array, at: number, width: number): boolean {
  for (let step = 0; step < width; step += 1) {
    // Past the end: undefined & 0xc0 is 0.
    if (((text[at + step] as number) & 0xc0) !== 0x80) return false;
  }
  return true;
}

const pairHash = (left: number, right: number): number =>
  mix(Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca77));

const tripleHash = (pair: number, before: number): number =>
  mix(pair ^ Math.imul(before, 0xc2b2ae35) ^ 0x51ed270b);

/** Slots that are all marked wherever `term` occurs. Empty: the term has no gram and can stand anywhere. */
export function termSlots(term: string): number[] {
  const slots = new Set<number>();
  let window = 0;
  let run = 0;
  let dense = 0;
  let denser = 0;
  let held = -1;
  const flush = (): void => {
    // Three letters stand for themselves; in a longer run the grams of four say more.
    if (run === 3 && held >= 0) slots.add(held);
    run = 0;
    held = -1;
  };
  for (const char of term.toWellFormed()) {
    const codePoint = char.codePointAt(0) ?? 0;
    const code = codePoint < 0x10000 ? (codes[codePoint] as number) : astralCode(codePoint);
    if (code > IDEOGRAPH) {
      dense = 0;
      const older = window >>> 24;
      window = (window << 8) | code;
      run += 1;
      if (run === 3) held = shortSlot(window & 0xffffff);
      if (run >= 4) slots.add(wordSlot(window));
      if (run >= 5) slots.add(longSlot(window, older));
      continue;
    }
    flush();
    if (code === IDEOGRAPH) {
      if (dense !== 0) {
        const hash = pairHash(dense, codePoint);
        // Two ideographs are often the whole term: three slots tell them apart.
        slots
          .add(hash >>> SHIFT)
          .add(mix(hash) >>> SHIFT)
          .add(mix(hash ^ 0x6a09e667) >>> SHIFT);
        if (denser !== 0) slots.add(tripleHash(hash, denser) >>> SHIFT);
      }
      denser = dense;
      dense = codePoint;
    } else dense = 0;
  }
  flush();
  return [...slots];
}

const encoder = new TextEncoder();

/** Three slots for a whole value of a filter: one value has no second gram to be told apart by. */
export function valueSlots(role: string, value: Uint8Array | string): [number, number, number] {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(`${role}\u0000`)) hash = Math.imul(hash ^ byte, 0x01000193);
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  for (let at = 0; at < bytes.length; at += 1) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  const first = mix(hash);
  const second = mix(first ^ 0x5bf03635);
  return [first >>> SHIFT, second >>> SHIFT, mix(second ^ 0x27d4eb2f) >>> SHIFT];
}
