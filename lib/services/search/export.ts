import { createReadStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { authorize } from "@/lib/auth/authorize";
import { csvLine } from "@/lib/format/csv";
import { type ExportInput, exportInputSchema, type SearchInput, type SearchRow } from "@/lib/schemas/search";
import type { Actor } from "@/lib/schemas/user";
import { searchPage } from "@/lib/search/search";
import { createParquetFile } from "@/lib/segments/parquet-file";
import { keepAudit } from "@/lib/services/audit/spool";
import { parse } from "@/lib/services/parse";
import { fullTexts } from "@/lib/services/search/full-texts";

const PAGE_ROWS = 200;
const COLUMNS = [
  "dataset",
  "store",
  "tier",
  "key",
  "time",
  "user",
  "model",
  "status",
  "tenant",
  "tokens",
  "prompt",
  "answer",
] as const;
type Column = (typeof COLUMNS)[number];
type Line = Record<Column, string | null>;

const TYPES = {
  csv: "text/csv; charset=utf-8",
  jsonl: "application/x-ndjson; charset=utf-8",
  parquet: "application/vnd.apache.parquet",
} as const;

export interface Export {
  name: string;
  type: string;
  chunks: AsyncIterable<string | Uint8Array>;
}

/**
 * Everything a search finds, newest first, as a file that is made while it is read: one page of 200 rows in memory.
 * Prompt and answer are whole. Ends at `maxRows`. A tier that could not be searched ends the file with an error, so
 * that half an answer is never taken for all of it.
 */
export async function exportSearch(actor: Actor, input: ExportInput, signal: AbortSignal): Promise<Export> {
  authorize(actor, "search.export");
  const { format, maxRows, ...query } = parse(exportInputSchema, input);
  await keepAudit(
    {
      action: "search.export",
      subject: query.q || "*",
      details: { format, maxRows, datasetIds: query.datasetIds, from: query.from, until: query.until },
    },
    actor,
  );
  const pages = readPages({ ...query, limit: PAGE_ROWS }, maxRows, signal);
  const chunks = format === "csv" ? asCsv(pages) : format === "jsonl" ? asJsonLines(pages) : asParquet(pages);
  return { name: `strata-search.${format}`, type: TYPES[format], chunks };
}

async function* readPages(input: SearchInput, maxRows: number, signal: AbortSignal): AsyncIterable<Line[]> {
  let cursor: string | null = null;
  for (let left = maxRows; left > 0; ) {
    const page: Awaited<ReturnType<typeof searchPage>> = await searchPage({ ...input, cursor }, signal);
    if (page.failures.length > 0) throw new Error(`The export is not complete: ${page.failures.join("; ")}`);
    const rows = page.rows.slice(0, left);
    const texts = await fullTexts(rows, signal);
    yield rows.map((row) => lineOf(row, texts(row)));
    left -= rows.length;
    if (page.next === null) return;
    cursor = page.next;
  }
}

const lineOf = (row: SearchRow, texts: { prompt: string | null; answer: string | null }): Line => ({
  dataset: row.dataset,
  store: row.storeName,
  tier: row.tier,
  key: row.key.length === 1 ? (row.key[0] ?? "") : JSON.stringify(row.key),
  time: row.at,
  user: row.user,
  model: row.model,
  status: row.status,
  tenant: row.tenant,
  tokens: row.tokens,
  ...texts,
});

async function* asCsv(pages: AsyncIterable<Line[]>): AsyncIterable<string> {
  // A byte order mark makes spreadsheet programs read Chinese as what it is.
  yield `\ufeff${csvLine(COLUMNS)}`;
  for await (const lines of pages)
    yield lines.map((line) => csvLine(COLUMNS.map((name) => line[name]))).join("");
}

async function* asJsonLines(pages: AsyncIterable<Line[]>): AsyncIterable<string> {
  for await (const lines of pages) yield lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** Parquet ends with its index, so it is made in a file first and sent from there. */
async function* asParquet(pages: AsyncIterable<Line[]>): AsyncIterable<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "strata-export-"));
  const path = join(folder, "search.parquet");
  try {
    const schema = COLUMNS.map((name) => ({
      name,
      type: "BYTE_ARRAY" as const,
      converted_type: "UTF8" as const,
      repetition_type: "OPTIONAL" as const,
    }));
    const file = await createParquetFile(path, [{ name: "root", num_children: schema.length }, ...schema]);
    try {
      for await (const lines of pages) {
        if (lines.length === 0) continue;
        await file.writeRowGroup(
          COLUMNS.map((name) => ({
            name,
            data: lines.map((line) => bytesOf(line[name])),
            layout: name === "prompt" || name === "answer" ? ("wide" as const) : ("auto" as const),
            statistics: false,
          })),
        );
      }
      await file.finish();
    } catch (error) {
      await file.abort();
      throw error;
    }
    yield* createReadStream(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const bytesOf = (text: string | null): Uint8Array | null => (text === null ? null : Buffer.from(text));
