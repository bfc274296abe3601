import { StoreError } from "@/lib/errors";
import type { Batch, RowKey } from "@/lib/stores/batch";
import { addDigest, emptyDigest } from "@/lib/stores/digest";
import { type BulkResult, bulk } from "@/lib/stores/elasticsearch/bulk";
import { type EsTable, encode, resolveTable } from "@/lib/stores/elasticsearch/catalogue";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { type Document, documentOf, RowsBuilder } from "@/lib/stores/elasticsearch/document";
import { readOnlyError, serverError, statusOf } from "@/lib/stores/elasticsearch/errors";
import { type Hit, parseDocs } from "@/lib/stores/elasticsearch/hits";
import { JsonScanner } from "@/lib/stores/elasticsearch/json-scan";
import { columnOfVector, type EsColumn } from "@/lib/stores/elasticsearch/mapper";
import { rowDigests } from "@/lib/stores/row-digest";
import type { FamilyMember, WriteResult } from "@/lib/stores/rows";

interface Row {
  at: number;
  key: RowKey;
  document: Document;
  index: string;
  digest: Uint8Array;
}

/** A row that was sent, and where it is now. */
interface Sent extends Row {
  result: BulkResult;
}

/**
 * Writes documents that are not there yet, by `_bulk` with `create`: one that is there is compared, and left. What was
 * written is read back and compared; if the server made something else of it (an ingest pipeline, a synthetic _source),
 * what this call wrote is deleted again.
 */
export async function writeRows(
  handle: EsHandle,
  member: FamilyMember,
  batch: Batch,
  signal: AbortSignal,
): Promise<WriteResult> {
  if (handle.options.access === "read") throw readOnlyError();
  const table = await resolveTable(handle, member.table, signal);
  const columns = batch.vectors.map(({ name, physical, sourceType }) =>
    columnOfVector(name, physical, sourceType),
  );
  const rows = rowsOf(table, columns, batch);
  const writer = new Writer(handle, table, columns, signal);
  return writer.write(rows);
}

function rowsOf(table: EsTable, columns: readonly EsColumn[], batch: Batch): Row[] {
  const digests = batch.digests.length > 0 ? batch.digests : rowDigests(batch.vectors, batch.rowCount);
  return Array.from({ length: batch.rowCount }, (_, at) => {
    const document = documentOf(columns, batch, at);
    const key = table.withIndex ? [document.index ?? "", document.id] : [document.id];
    const index = document.index ?? table.writeTo;
    return { at, key, document, index, digest: digests[at] ?? new Uint8Array(16) };
  });
}

class Writer {
  private readonly result: WriteResult = { inserted: emptyDigest(), identical: 0, conflicts: [] };

  constructor(
    private readonly handle: EsHandle,
    private readonly table: EsTable,
    private readonly columns: readonly EsColumn[],
    private readonly signal: AbortSignal,
  ) {}

  async write(rows: readonly Row[]): Promise<WriteResult> {
    for (const row of rows)
      if (!this.isSame(row, localHit(row.document, row.index))) throw differs(row, this.table);
    const sent = await this.create(rows.filter((row) => this.mayWrite(row)));
    const created = sent.filter(({ result }) => result.status === 201);
    await this.proveOrUndo(created);
    await this.compare(sent.filter(({ result }) => result.status === 409));
    for (const { digest } of created) this.result.inserted = addDigest(this.result.inserted, digest);
    for (const { key, result } of sent)
      if (result.status !== 201 && result.status !== 409)
        this.result.conflicts.push({ key, reason: "rejected", detail: reasonOf(result) });
    return this.result;
  }

  /** Behind an alias a deleted index would come back as one that the alias does not lead to. */
  private mayWrite(row: Row): boolean {
    if (this.table.schema !== "alias" || this.table.indices.some(({ name }) => name === row.index))
      return true;
    const detail = `The index ${row.index} is not behind ${this.table.ref.name} any more.`;
    this.result.conflicts.push({ key: row.key, reason: "rejected", detail });
    return false;
  }

  private async create(rows: readonly Row[]): Promise<Sent[]> {
    const single = rows.filter(({ document }) => /[\r\n]/.test(document.source));
    const many = rows.filter((row) => !single.includes(row));
    const items = many.map(({ index, document: { id, routing, source } }) => ({
      action: "create" as const,
      ...{ index, id, routing, source },
    }));
    const results = await bulk(this.handle, items, this.signal);
    const sent = many.flatMap((row, at): Sent[] => {
      const result = results[at];
      return result ? [{ ...row, result }] : [];
    });
    for (const row of single) sent.push({ ...row, result: await this.createOne(row) });
    const blocked = sent.find(({ result }) => [401, 403, 429, 503].includes(result.status));
    if (blocked) throw serverError(blocked.result.status, blocked.result.error ?? undefined);
    return sent;
  }

  /** A document with line breaks between its values cannot stand in a bulk request. */
  private async createOne({ index, document }: Row): Promise<BulkResult> {
    const routing = document.routing === null ? "" : `&routing=${encode(document.routing)}`;
    try {
      const answer = await this.handle.json<{ _index: string; _seq_no: number; _primary_term: number }>({
        method: "PUT",
        path: `/${encode(index)}/_create/${encode(document.id)}?refresh=true${routing}`,
        body: Buffer.from(document.source),
        signal: this.signal,
        changes: true,
      });
      return {
        status: 201,
        index: answer._index,
        seqNo: String(answer._seq_no),
        primaryTerm: String(answer._primary_term),
        error: null,
      };
    } catch (error) {
      const status = statusOf(error);
      if (status !== 409 && status !== 400) throw error;
      const reason = error instanceof StoreError ? error.message : "";
      return { status, index, seqNo: "", primaryTerm: "", error: { reason } };
    }
  }

  private async proveOrUndo(created: readonly Sent[]): Promise<void> {
    const there = await this.fetch(created);
    const bad = created.find((row, at) => {
      const hit = there[at];
      return !hit || !this.isSame(row, hit);
    });
    if (!bad) return;
    const items = created.map(({ document, result }) => ({
      action: "delete" as const,
      index: result.index,
      id: document.id,
      routing: document.routing,
      version: { seqNo: result.seqNo, primaryTerm: result.primaryTerm },
    }));
    await bulk(this.handle, items, this.signal);
    throw differs(bad, this.table);
  }

  private async compare(there: readonly Sent[]): Promise<void> {
    const hits = await this.fetch(there);
    there.forEach((row, at) => {
      const hit = hits[at];
      if (hit && this.isSame(row, hit)) this.result.identical += 1;
      else
        this.result.conflicts.push({
          key: row.key,
          reason: "differentContent",
          detail: `The document ${row.document.id} is in ${row.index} with other content.`,
        });
    });
  }

  /** As they are now, not as searches see them: `_mget` does not wait for a refresh. In the order of the rows. */
  private async fetch(rows: readonly Sent[]): Promise<(Hit | null)[]> {
    const found = new Map<string, Hit>();
    for (const part of partsOf(rows)) {
      const docs = part.map(({ document, result, index }) => ({
        _index: result.index || index,
        _id: document.id,
        ...(document.routing !== null && { routing: document.routing }),
      }));
      const bytes = await this.handle.bytes({
        method: "POST",
        path: "/_mget",
        body: { docs },
        signal: this.signal,
      });
      for (const hit of parseDocs(bytes)) found.set(JSON.stringify([hit.index, hit.id]), hit);
    }
    return rows.map(
      ({ document, result, index }) =>
        found.get(JSON.stringify([result.index || index, document.id])) ?? null,
    );
  }

  /** Streams and aliases write elsewhere than they are called; only a column `_index` remembers where. */
  private isSame(row: Row, hit: Hit): boolean {
    const builder = new RowsBuilder(this.columns);
    builder.add(hit);
    const [digest] = rowDigests(builder.vectors(), 1);
    return digest !== undefined && Buffer.compare(digest, row.digest) === 0;
  }
}

const PART_ROWS = 1_000;
const PART_BYTES = 16 << 20;

function* partsOf(rows: readonly Sent[]): Generator<Sent[]> {
  let part: Sent[] = [];
  let bytes = 0;
  for (const row of rows) {
    if (part.length >= PART_ROWS || bytes > PART_BYTES) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(row);
    bytes += row.document.source.length;
  }
  if (part.length > 0) yield part;
}

/** The document as the server would hand it out: its digest must be the row's before anything is sent. */
function localHit({ id, routing, source }: Document, index: string): Hit {
  const scanner = new JsonScanner(Buffer.from(source));
  const span = { start: 0, end: scanner.bytes.length };
  return {
    scanner,
    index,
    id,
    routing,
    seqNo: "",
    primaryTerm: "",
    tick: null,
    source: span,
    highlight: null,
  };
}

const reasonOf = ({ status, error }: BulkResult): string =>
  error?.caused_by?.reason ?? error?.reason ?? `HTTP ${status}`;

const differs = ({ key }: Row, { ref }: EsTable) =>
  new StoreError(
    "corrupt",
    `The document ${key.join("/")} of ${ref.name} does not read back as it was written (an ingest pipeline, or a synthetic _source). Nothing was written.`,
    { key: "elasticsearch.writtenDiffers", details: { table: ref.name, key: key.join("/") } },
  );
