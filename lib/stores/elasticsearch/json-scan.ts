/**
 * Reads JSON where it lies, as bytes: numbers stay the text they were sent as, and a text without escapes is a view
 * into the answer. JSON.parse would round big integers and decimals.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;
const COLON = 0x3a;
/** Shorter texts are looked through here: a native search costs more than it finds. */
const SHORT = 24;

/** A value's first byte and the one after its last. */
export interface Span {
  start: number;
  end: number;
}

export class JsonScanner {
  at = 0;
  /** The next backslash from somewhere at or before `at` on; the length of the bytes when there is none. */
  private backslash = -1;
  /** From where on `backslash` was looked for: it says nothing of what lies before. */
  private searchedFrom = 0;

  constructor(readonly bytes: Buffer) {}

  space(): void {
    const { bytes } = this;
    while (this.at < bytes.length && (bytes[this.at] ?? 0) <= 0x20) this.at += 1;
  }

  /** Steps into an object and calls `member` for each name; `member` must step over the value. */
  object(member: (name: string) => void): void {
    this.expect(OPEN_OBJECT);
    this.space();
    if (this.bytes[this.at] === CLOSE_OBJECT) {
      this.at += 1;
      return;
    }
    for (;;) {
      const name = this.text();
      this.space();
      this.expect(COLON);
      this.space();
      member(name);
      if (this.closes(CLOSE_OBJECT)) return;
    }
  }

  /** Steps into an array and calls `item` for each; `item` must step over the value. */
  array(item: () => void): void {
    this.expect(OPEN_ARRAY);
    this.space();
    if (this.bytes[this.at] === CLOSE_ARRAY) {
      this.at += 1;
      return;
    }
    for (;;) {
      item();
      if (this.closes(CLOSE_ARRAY)) return;
    }
  }

  /** Steps over the next value. */
  skip(): Span {
    this.space();
    const start = this.at;
    const first = this.bytes[start];
    if (first === QUOTE) this.skipText();
    else if (first === OPEN_OBJECT || first === OPEN_ARRAY) this.skipNested();
    else this.skipPlain();
    return { start, end: this.at };
  }

  /** The next value, a text, decoded. */
  text(): string {
    this.space();
    const start = this.at;
    const escaped = this.skipText();
    return escaped
      ? (JSON.parse(this.bytes.toString("utf8", start, this.at)) as string)
      : this.bytes.toString("utf8", start + 1, this.at - 1);
  }

  /** The UTF-8 of a text that lies at a span; null when it has a surrogate without its pair, which UTF-8 cannot hold. */
  textBytes({ start, end }: Span): Uint8Array | null {
    if (!this.hasBackslash(start, end)) return this.bytes.subarray(start + 1, end - 1);
    const text = JSON.parse(this.bytes.toString("utf8", start, end)) as string;
    return text.isWellFormed() ? Buffer.from(text, "utf8") : null;
  }

  raw({ start, end }: Span): string {
    return this.bytes.toString("latin1", start, end);
  }

  isText = ({ start }: Span): boolean => this.bytes[start] === QUOTE;

  private hasBackslash(from: number, until: number): boolean {
    if (this.backslash < from || from < this.searchedFrom) {
      this.searchedFrom = from;
      const found = this.bytes.indexOf(BACKSLASH, from);
      this.backslash = found < 0 ? this.bytes.length : found;
    }
    return this.backslash < until;
  }

  /** Steps over a text; true when it has escapes. */
  private skipText(): boolean {
    const { bytes } = this;
    if (bytes[this.at] !== QUOTE) throw new SyntaxError(`a text was expected at byte ${this.at}`);
    const from = this.at + 1;
    const near = Math.min(bytes.length, from + SHORT);
    for (let at = from; at < near; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE) {
        this.at = at + 1;
        return false;
      }
      if (byte === BACKSLASH) return this.skipLongText(from);
    }
    return this.skipLongText(from);
  }

  private skipLongText(from: number): boolean {
    const { bytes } = this;
    for (let end = bytes.indexOf(QUOTE, from); end >= 0; end = bytes.indexOf(QUOTE, end + 1)) {
      let before = end - 1;
      while (before >= from && bytes[before] === BACKSLASH) before -= 1;
      if ((end - 1 - before) % 2 === 0) {
        this.at = end + 1;
        return this.hasBackslash(from, end);
      }
    }
    throw new SyntaxError("a text does not end");
  }

  private skipNested(): void {
    const { bytes } = this;
    let depth = 0;
    while (this.at < bytes.length) {
      const byte = bytes[this.at];
      if (byte === QUOTE) {
        this.skipText();
        continue;
      }
      this.at += 1;
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth += 1;
      else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        depth -= 1;
        if (depth === 0) return;
      }
    }
    throw new SyntaxError("an object does not end");
  }

  private skipPlain(): void {
    const { bytes } = this;
    const start = this.at;
    while (this.at < bytes.length) {
      const byte = bytes[this.at] ?? 0;
      if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || byte <= 0x20) break;
      this.at += 1;
    }
    if (this.at === start) throw new SyntaxError(`a value was expected at byte ${start}`);
  }

  private expect(byte: number): void {
    this.space();
    if (this.bytes[this.at] !== byte)
      throw new SyntaxError(`${String.fromCharCode(byte)} was expected at byte ${this.at}`);
    this.at += 1;
  }

  private closes(byte: number): boolean {
    this.space();
    const found = this.bytes[this.at];
    this.at += 1;
    if (found === byte) return true;
    if (found !== COMMA) throw new SyntaxError(`a comma was expected at byte ${this.at - 1}`);
    this.space();
    return false;
  }
}
