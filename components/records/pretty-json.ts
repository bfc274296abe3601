const INDENT = "  ";

/**
 * JSON text with line breaks and indents, its tokens as they are: a number of 30 digits stays one, which parsing
 * and writing anew would not leave it. Null for what is no JSON object or list.
 */
export function prettyJson(text: string): string | null {
  const trimmed = text.trim();
  if (!/^[[{]/.test(trimmed)) return null;
  try {
    JSON.parse(trimmed);
  } catch {
    return null;
  }
  let out = "";
  let depth = 0;
  const breakLine = () => `\n${INDENT.repeat(Math.min(depth, 40))}`;
  for (const [token] of trimmed.matchAll(/"(?:[^"\\]|\\.)*"|[[{]\s*[\]}]|[[\]{},:]|[^\s[\]{},:"]+/g)) {
    if (token === "{" || token === "[") {
      depth += 1;
      out += token + breakLine();
    } else if (token === "}" || token === "]") {
      depth -= 1;
      out += breakLine() + token;
    } else if (token === ",") out += token + breakLine();
    else if (token === ":") out += ": ";
    else out += /^[[{]/.test(token) ? token.replace(/\s+/g, "") : token;
  }
  return out;
}
