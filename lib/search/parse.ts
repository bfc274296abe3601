import { AppError } from "@/lib/errors";
import { foldCase } from "@/lib/format/highlight";

const MAX_LENGTH = 500;
const MAX_TERMS = 12;

/** Upper and lower quotes of English and Chinese keyboards; an unclosed one reaches to the end. */
const PIECES = /["“”„]([^"“”„]*)(?:["“”„]|$)|([^\s"“”„]+)/gu;
const LATIN_OR_DIGIT = /^[\p{Script=Latin}\p{N}]$/u;

export interface ParsedQuery {
  /** Folded terms, each once: every one must occur in some text column. Empty: filters alone decide. */
  terms: string[];
}

/**
 * Words are AND-ed, `"a phrase"` is one term, case does not matter. Throws bad_input for what cannot be searched:
 * nothing at all, or a single character without a filter beside it, which would be found nearly everywhere.
 */
export function parseQuery(q: string, narrowed: "byFilters" | "byNothing"): ParsedQuery {
  if (q.length > MAX_LENGTH)
    throw refusal("searchTooLong", `A search may have ${MAX_LENGTH} characters; this one has ${q.length}.`, {
      max: MAX_LENGTH,
      length: q.length,
    });
  const terms = new Set<string>();
  // NUL cannot be stored in a text, and a lone surrogate is no character.
  for (const match of q.replaceAll("\u0000", " ").toWellFormed().matchAll(PIECES)) {
    const term = foldCase((match[1] ?? match[2] ?? "").trim());
    if (term !== "") terms.add(term);
  }
  if (terms.size > MAX_TERMS)
    throw refusal(
      "searchTooManyWords",
      `A search may have ${MAX_TERMS} words; this one has ${terms.size}. Put words that belong together into "quotes".`,
      { max: MAX_TERMS, count: terms.size },
    );
  if (narrowed === "byNothing") refuseBroad([...terms]);
  return { terms: [...terms] };
}

function refuseBroad(terms: readonly string[]): void {
  if (terms.length === 0)
    throw refusal(
      "searchEmpty",
      "Type a word, or choose a user, model, status, tenant or time to search by.",
      {},
    );
  if (terms.some((term) => [...term].length > 1)) return;
  const term = terms[0] ?? "";
  const kind = LATIN_OR_DIGIT.test(term) ? "letter or digit" : "character";
  throw refusal(
    "searchTooShort",
    `A single ${kind} stands in nearly every row. Type two characters or more, or choose a user, model, status, tenant or time as well.`,
    { term },
  );
}

const refusal = (key: string, message: string, details: Record<string, unknown>): AppError =>
  new AppError("bad_input", message, { key, details, fields: { q: message } });
