const PIECES = /["“”„]([^"“”„]*)(?:["“”„]|$)|([^\s"“”„]+)/gu;

/** The words of a search, to mark them: quoted phrases whole. The server alone decides what a search means. */
export function searchTerms(q: string): string[] {
  const terms = [...q.slice(0, 500).matchAll(PIECES)].map((match) => (match[1] ?? match[2] ?? "").trim());
  return [...new Set(terms.filter(Boolean))].slice(0, 12);
}
