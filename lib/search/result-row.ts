import { highlightRanges } from "@/lib/format/highlight";
import type { SearchRow, Snippet } from "@/lib/schemas/search";
import type { Target } from "./target";
import { type Found, SNIPPET_CHARS } from "./tier-reading";

/** A found row as it is shown. */
export function toSearchRow(target: Target, row: Found, terms: readonly string[]): SearchRow {
  const { roles } = target;
  const textOf = (column: string | null): string | null => (column ? (row.values[column] ?? null) : null);
  return {
    datasetId: target.datasetId,
    dataset: target.name,
    storeName: row.storeName,
    tier: row.tier,
    key: [...row.key],
    at: row.timeUs === null ? null : isoOfUs(row.timeUs),
    timeUs: row.timeUs?.toString() ?? null,
    user: textOf(roles.user),
    model: textOf(roles.model),
    status: textOf(roles.status),
    tenant: textOf(roles.tenant),
    tokens: textOf(roles.tokens),
    snippets: roles.text.flatMap((column) => snippetOf(row, column, terms)),
    segmentId: row.segmentId,
  };
}

function snippetOf(row: Found, column: string, terms: readonly string[]): Snippet[] {
  const text = row.values[column];
  if (!text) return [];
  const matches = highlightRanges(text, terms);
  const cut = row.cuts?.[column] ?? guessCuts(text, matches[0]?.[0] ?? 0);
  return [{ column, text, matches, cutBefore: cut.before, cutAfter: cut.after }];
}

/** A table's driver does not say what it cut: a window that is full was cut, before where it leads up to a match. */
function guessCuts(text: string, firstMatch: number): { before: boolean; after: boolean } {
  const full = [...text].length >= SNIPPET_CHARS;
  return { before: full && firstMatch >= Math.floor(SNIPPET_CHARS / 3) - 1, after: full };
}

/** ISO instant with six digits of a second. Years beyond what a Date holds give the nearest it can. */
export function isoOfUs(timeUs: bigint): string {
  const rest = ((timeUs % 1000n) + 1000n) % 1000n;
  const ms = Number((timeUs - rest) / 1000n);
  const date = new Date(Math.max(-8.64e15, Math.min(8.64e15, ms)));
  return date.toISOString().replace(/(\.\d{3})Z$/, `$1${rest.toString().padStart(3, "0")}Z`);
}
