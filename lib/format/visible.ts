/** Control characters and those that turn the direction of what follows them. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text with what is invisible, or would reorder its surroundings, put in sight. Offsets stay what they were: each
 * character is replaced by one. Line breaks and tabs stay.
 */
export function visibleText(text: string): string {
  return text.replace(HIDDEN, (char) => {
    if (char === "\n" || char === "\t" || char === "\r") return char;
    const code = char.charCodeAt(0);
    // U+2400… pictures the first 32 of them.
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : "\ufffd";
  });
}
