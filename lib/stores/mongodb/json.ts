/**
 * JSON read in its own order: JSON.parse moves keys that look like numbers to the front, and a document's order is
 * part of its content here.
 */
export type Json = string | number | boolean | null | Json[] | JsonObject;

export class JsonObject {
  readonly entries: [string, Json][] = [];

  get(name: string): Json | undefined {
    return this.entries.find(([key]) => key === name)?.[1];
  }
}

/** Throws SyntaxError for anything that is not one JSON value. */
export function parseJson(text: string): Json {
  const reader = new Reader(text);
  const value = reader.value();
  reader.end();
  return value;
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SPACE = /[ \t\r\n]*/y;

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  value(): Json {
    this.skip();
    const first = this.text[this.at];
    if (first === '"') return this.string();
    if (first === "{") return this.object();
    if (first === "[") return this.array();
    for (const [word, value] of WORDS) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (!match) throw this.broken();
    this.at += match[0].length;
    return Number(match[0]);
  }

  end(): void {
    this.skip();
    if (this.at !== this.text.length) throw this.broken();
  }

  private object(): JsonObject {
    const object = new JsonObject();
    this.list("}", () => {
      this.skip();
      if (this.text[this.at] !== '"') throw this.broken();
      const name = this.string();
      this.skip();
      this.take(":");
      object.entries.push([name, this.value()]);
    });
    return object;
  }

  private array(): Json[] {
    const items: Json[] = [];
    this.list("]", () => items.push(this.value()));
    return items;
  }

  private list(close: string, item: () => void): void {
    this.at += 1;
    this.skip();
    if (this.text[this.at] === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      item();
      this.skip();
      if (this.text[this.at] === close) break;
      this.take(",");
    }
    this.at += 1;
  }

  private string(): string {
    const from = this.at;
    for (
      let quote = this.text.indexOf('"', from + 1);
      quote >= 0;
      quote = this.text.indexOf('"', quote + 1)
    ) {
      let slashes = 0;
      while (this.text[quote - 1 - slashes] === "\\") slashes += 1;
      if (slashes % 2 === 1) continue;
      this.at = quote + 1;
      const parsed: unknown = JSON.parse(this.text.slice(from, quote + 1));
      return String(parsed);
    }
    throw this.broken();
  }

  private take(sign: string): void {
    if (this.text[this.at] !== sign) throw this.broken();
    this.at += 1;
  }

  private skip(): void {
    SPACE.lastIndex = this.at;
    this.at += SPACE.exec(this.text)?.[0].length ?? 0;
  }

  private broken(): SyntaxError {
    return new SyntaxError(`no JSON at position ${this.at}`);
  }
}

const WORDS: readonly [string, boolean | null][] = [
  ["true", true],
  ["false", false],
  ["null", null],
];
