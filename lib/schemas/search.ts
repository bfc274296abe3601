import { z } from "zod";
import { TIERS, type Tier } from "@/lib/schemas/dataset";
import { instantSchema } from "@/lib/schemas/page";

/**
 * One box over hot, archive and cold. `q`: words separated by blanks must all occur, `"a phrase"` as a whole;
 * any case; empty finds by filters alone. Dates are half-open.
 */
export const searchInputSchema = z.object({
  q: z.string().max(500).default(""),
  datasetIds: z.array(z.string().min(1)).max(200).optional(),
  tiers: z.array(z.enum(TIERS)).min(1).optional(),
  user: z.string().max(200).optional(),
  model: z.string().max(200).optional(),
  status: z.string().max(200).optional(),
  tenant: z.string().max(200).optional(),
  from: instantSchema.optional(),
  until: instantSchema.optional(),
  /** From the last page's `next`. */
  cursor: z.string().max(20_000).nullish(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
export type SearchInput = z.infer<typeof searchInputSchema>;
export type SearchQuery = z.input<typeof searchInputSchema>;

/** Part of a text column around the first match; `matches` are half-open offsets into `text` (UTF-16). */
export interface Snippet {
  column: string;
  text: string;
  matches: [number, number][];
  /** Whether text was cut away before and after. */
  cutBefore: boolean;
  cutAfter: boolean;
}

export interface SearchRow {
  datasetId: string;
  dataset: string;
  storeName: string;
  tier: Tier;
  /** Text forms, in key order. */
  key: string[];
  /** ISO instant with microseconds; null where the dataset has no time. */
  at: string | null;
  /** Microseconds since 1970 as text: what rows are ordered by. */
  timeUs: string | null;
  user: string | null;
  model: string | null;
  status: string | null;
  tenant: string | null;
  tokens: string | null;
  /** Most important column first: prompt before answer. */
  snippets: Snippet[];
  segmentId: string | null;
}

/**
 * Rows come in any order, from the fastest tier first; `compareSearchRows` orders what has come so far. A row may
 * come twice, from a warmer tier the second time: the later one counts. `page` comes last: it names the rows of
 * the page in their final order (ties stand in the store's own key order) and where the next one begins.
 */
export type SearchEvent =
  | { type: "rows"; rows: SearchRow[] }
  | {
      type: "tier";
      dataset: string;
      tier: Tier;
      state: "running" | "done" | "failed";
      ms: number;
      /** Rows or, in cold, segments that were looked into. */
      scanned: number;
      /** Segments that their sidecar or their times ruled out. */
      skippedSegments: number;
      /** Segments that could not be read: their rows are missing from the answer. */
      missing: number;
      message?: string;
    }
  | { type: "page"; rows: SearchRowId[]; next: string | null };

/** Names a row wherever it lives. */
export type SearchRowId = string;
export const searchRowId = (row: { datasetId: string; key: readonly string[] }): SearchRowId =>
  JSON.stringify([row.datasetId, row.key]);

export const EXPORT_FORMATS = ["csv", "jsonl", "parquet"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
export const exportInputSchema = searchInputSchema.omit({ cursor: true, limit: true }).extend({
  format: z.enum(EXPORT_FORMATS),
  /** Most rows in the file. */
  maxRows: z.coerce.number().int().min(1).max(1_000_000).default(100_000),
});
export type ExportInput = z.infer<typeof exportInputSchema>;

const order = (row: SearchRow): bigint => (row.timeUs === null ? -(1n << 62n) : BigInt(row.timeUs));

/** Newest first; rows without a time last; ties by dataset, then key, so that the order is total. */
export function compareSearchRows(a: SearchRow, b: SearchRow): number {
  const difference = order(b) - order(a);
  if (difference !== 0n) return difference > 0n ? 1 : -1;
  const left = searchRowId(a);
  const right = searchRowId(b);
  return left < right ? -1 : left > right ? 1 : 0;
}
