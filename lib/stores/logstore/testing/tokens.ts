/** A piece of a statement: names in quotes are `name`, bare words `word` in capitals, the rest `text`, `number`, `sign`. */
export interface Token {
  kind: "word" | "name" | "text" | "number" | "sign";
  value: string;
  /** Parentheses around it. */
  depth: number;
}

const PATTERNS: readonly [Token["kind"] | "blank", RegExp][] = [
  ["blank", /^(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)/],
  ["text", /^[Ee]'(?:[^'\\]|\\[\s\S]|'')*'/],
  ["text", /^'(?:[^']|'')*'/],
  ["name", /^"(?:[^"]|"")*"/],
  ["word", /^[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/],
  ["number", /^\d+(?:\.\d+)?/],
  ["sign", /^[\s\S]/],
];

/** Cuts a statement into tokens, so that nothing inside a literal is ever taken for a keyword. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  let rest = sql;
  let depth = 0;
  while (rest !== "") {
    const [kind, value] = nextOf(rest);
    rest = rest.slice(value.length);
    if (kind === "blank") continue;
    if (value === ")") depth -= 1;
    tokens.push({ kind, value: plain(kind, value), depth });
    if (value === "(") depth += 1;
  }
  return tokens;
}

function nextOf(rest: string): [Token["kind"] | "blank", string] {
  for (const [kind, pattern] of PATTERNS) {
    const found = pattern.exec(rest);
    if (found) return [kind, found[0]];
  }
  return ["sign", rest.charAt(0)];
}

function plain(kind: Token["kind"], value: string): string {
  if (kind === "word") return value.toUpperCase();
  return kind === "name" ? value.slice(1, -1).replaceAll('""', '"') : value;
}
