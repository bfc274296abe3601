import type { Snippet } from "@/lib/schemas/search";

/** A match that begins later than this would stand outside the line. */
const MOST_BEFORE = 36;
const KEPT_BEFORE = 24;

/** The snippet as one line shows it: what stands far before the first match is cut away. */
export function frameSnippet(snippet: Snippet): Snippet {
  const first = snippet.matches[0]?.[0] ?? 0;
  if (first <= MOST_BEFORE) return snippet;
  let from = first - KEPT_BEFORE;
  // Not between the halves of a surrogate pair.
  if (/[\udc00-\udfff]/.test(snippet.text.charAt(from))) from += 1;
  return {
    ...snippet,
    text: snippet.text.slice(from),
    matches: snippet.matches.map(([start, end]) => [start - from, end - from]),
    cutBefore: true,
  };
}
