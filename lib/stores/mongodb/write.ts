import type { Document } from "mongodb";
import { StoreError } from "@/lib/errors";
import type { Batch, Layout, RowKey } from "@/lib/stores/batch";
import { addDigest, type DigestSum, emptyDigest } from "@/lib/stores/digest";
import { placeOf } from "@/lib/stores/mongodb/bson";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import { collectionInfo, fullName } from "@/lib/stores/mongodb/collection";
import { confirmed, unconfirmed } from "@/lib/stores/mongodb/confirmed";
import { documentOfRow } from "@/lib/stores/mongodb/document";
import { Unsayable } from "@/lib/stores/mongodb/ejson-write";
import { writeErrorSentence } from "@/lib/stores/mongodb/errors";
import { keyIdentity, keyText } from "@/lib/stores/mongodb/key-text";
import { KEY_COLUMN } from "@/lib/stores/mongodb/layout";
import { Projector } from "@/lib/stores/mongodb/project";
import { batchOf, documentsByKey } from "@/lib/stores/mongodb/read";
import { mapOf } from "@/lib/stores/mongodb/value";
import { loadVendor } from "@/lib/stores/mongodb/vendor";
import type { FamilyMember, WriteResult } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

/** One insert: half of what a command may hold (48 MB in a message, 16 MB in a document). */
const CHUNK_ROWS = 1_000;
const CHUNK_BYTES = 12 << 20;

type Conflict = WriteResult["conflicts"][number];

interface Row {
  key: RowKey;
  /** The key as the server compares it. */
  identity: string;
  document: Buffer;
  digest: Uint8Array;
}

/**
 * Inserts the documents that are not there yet. Every row is first made into its document and read back from those
 * bytes: one that would not come back as it was proved throws corrupt before anything is written. An equal document is
 * left; a different one, or one that the server refuses, is a conflict of its own. What was inserted is read again from
 * the primary. Not atomic as a whole: after a crash the rest is inserted by the next call.
 */
export async function writeRows(
  handle: MongoHandle,
  member: FamilyMember,
  batch: Batch,
  signal: AbortSignal,
): Promise<WriteResult> {
  handle.mustWrite();
  await loadVendor();
  const run = { signal };
  const { table: ref } = member;
  const info = await collectionInfo(handle, ref, run);
  if (info.kind !== "collection") throw notACollection(ref, info.kind);
  const conflicts: Conflict[] = [];
  const rows = rowsOf(ref, batch, conflicts);
  const layout = layoutOf(batch);
  const there = await digestsByKey(handle, ref, layout, rows, run);
  const fresh: Row[] = [];
  const identical: Row[] = [];
  for (const row of rows) {
    const found = there.get(row.identity);
    if (!found) fresh.push(row);
    else if (Buffer.from(found).equals(row.digest)) identical.push(row);
    else conflicts.push({ key: row.key, reason: "differentContent", detail: "" });
  }
  await requireLasting(handle, ref, identical, run);
  const inserted = await insertRows(handle, ref, layout, fresh, conflicts, run);
  return { inserted, identical: identical.length, conflicts };
}

/**
 * Documents that were there may come from an earlier try, whose answer was lost or not confirmed: they count only when
 * most members have them, or a failover could forget them while nothing else holds them any more.
 */
async function requireLasting(
  handle: MongoHandle,
  ref: TableRef,
  rows: readonly Row[],
  run: RunOptions,
): Promise<void> {
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    const keys = rows.slice(from, from + CHUNK_ROWS).map(({ key }) => key);
    let lasting = 0;
    for await (const _ of documentsByKey(handle, ref, keys, run, "majority")) lasting += 1;
    if (lasting < keys.length) throw unconfirmed("");
  }
}

const layoutOf = (batch: Batch): Layout =>
  batch.vectors.map(({ name, physical, sourceType }) => ({ name, physical, sourceType }));

function rowsOf(ref: TableRef, batch: Batch, conflicts: Conflict[]): Row[] {
  const rows: Row[] = [];
  const seen = new Set<string>();
  const documents = Array.from({ length: batch.rowCount }, (_, row) => documentAt(ref, batch, row));
  const projector = new Projector(layoutOf(batch));
  for (const document of documents) projector.add(document);
  const { digests } = batchOf(projector, true, []);
  for (const [at, document] of documents.entries()) {
    const place = placeOf(document, KEY_COLUMN);
    const digest = digests[at] ?? new Uint8Array(16);
    const wanted = batch.digests[at];
    const text = place ? keyText(place) : "";
    if (!place || (wanted !== undefined && !Buffer.from(wanted).equals(digest))) throw changed(ref, text);
    const row = { key: [text], identity: keyIdentity(text), document, digest };
    if (seen.has(row.identity))
      conflicts.push({ key: row.key, reason: "differentContent", detail: "the key is twice in one batch" });
    else rows.push(row);
    seen.add(row.identity);
  }
  return rows;
}

function documentAt(ref: TableRef, batch: Batch, row: number): Buffer {
  try {
    return documentOfRow(batch.vectors, row);
  } catch (error) {
    if (error instanceof SyntaxError) throw changed(ref, String(row));
    throw error;
  }
}

async function digestsByKey(
  handle: MongoHandle,
  ref: TableRef,
  layout: Layout,
  rows: readonly Row[],
  run: RunOptions,
): Promise<Map<string, Uint8Array>> {
  const found = new Map<string, Uint8Array>();
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    const keys = rows.slice(from, from + CHUNK_ROWS).map(({ key }) => key);
    const digested = await digestDocuments(documentsByKey(handle, ref, keys, run), layout);
    for (const [identity, one] of digested) found.set(identity, one.digest);
  }
  return found;
}

/** By the key as the server compares it: digest and bytes of each document. Large documents are digested one by one. */
export async function digestDocuments(
  documents: AsyncIterable<Buffer>,
  layout: Layout,
): Promise<Map<string, { digest: Uint8Array; document: Buffer }>> {
  const found = new Map<string, { digest: Uint8Array; document: Buffer }>();
  for await (const document of documents) {
    const projector = new Projector(layout);
    projector.add(document);
    const [digest] = batchOf(projector, true, []).digests;
    const place = placeOf(document, KEY_COLUMN);
    if (digest && place) found.set(keyIdentity(keyText(place)), { digest, document });
  }
  return found;
}

async function insertRows(
  handle: MongoHandle,
  ref: TableRef,
  layout: Layout,
  fresh: readonly Row[],
  conflicts: Conflict[],
  run: RunOptions,
): Promise<DigestSum> {
  let sum = emptyDigest();
  for (const chunk of chunksOf(fresh)) {
    const sent = await insertChunk(handle, ref, chunk, conflicts, run);
    const there = await digestsByKey(handle, ref, layout, sent, run);
    for (const row of sent) {
      const found = there.get(row.identity);
      if (!found) throw vanished(ref, row.key);
      if (!Buffer.from(found).equals(row.digest)) {
        // The server alters nothing, so somebody else changed it in the moment since: theirs to keep.
        conflicts.push({
          key: row.key,
          reason: "differentContent",
          detail: "it changed right after it was written",
        });
        continue;
      }
      sum = addDigest(sum, row.digest);
    }
  }
  return sum;
}

function* chunksOf(rows: readonly Row[]): Generator<Row[]> {
  let chunk: Row[] = [];
  let sizeBytes = 0;
  for (const row of rows) {
    if (chunk.length > 0 && (chunk.length >= CHUNK_ROWS || sizeBytes + row.document.length > CHUNK_BYTES)) {
      yield chunk;
      chunk = [];
      sizeBytes = 0;
    }
    chunk.push(row);
    sizeBytes += row.document.length;
  }
  if (chunk.length > 0) yield chunk;
}

/** Sends an unordered insert; returns the rows that the server took. Its errors name rows by position. */
async function insertChunk(
  handle: MongoHandle,
  ref: TableRef,
  chunk: readonly Row[],
  conflicts: Conflict[],
  run: RunOptions,
): Promise<Row[]> {
  const sent: Row[] = [];
  const documents: unknown[] = [];
  for (const row of chunk) {
    try {
      documents.push(mapOf(row.document));
      sent.push(row);
    } catch (error) {
      if (!(error instanceof Unsayable)) throw error;
      conflicts.push({ key: row.key, reason: "rejected", detail: `It holds ${error.message}.` });
    }
  }
  if (sent.length === 0) return [];
  const command = { insert: ref.name, documents, ordered: false, writeConcern: { w: "majority" } };
  const answer = confirmed(await handle.command(ref.schema, command, run));
  const refused = new Set<number>();
  const errors: Document[] = answer.writeErrors ?? [];
  for (const { index, code, errmsg } of errors) {
    refused.add(Number(index));
    conflicts.push(refusal(sent[Number(index)], Number(code), String(errmsg)));
  }
  return sent.filter((_, at) => !refused.has(at));
}

/** A key that appeared meanwhile is another document; any other unique index, or a validator, refuses this one. */
function refusal(row: Row | undefined, code: number, said: string): Conflict {
  return { key: row?.key ?? [], reason: "rejected", detail: writeErrorSentence(code, said) };
}

const changed = (ref: TableRef, key: string) =>
  new StoreError(
    "corrupt",
    `The row ${key} for ${fullName(ref)} does not make the document that was proved. Nothing was written.`,
    { key: "mongodb.writtenDiffers", details: { table: fullName(ref), key } },
  );

const vanished = (ref: TableRef, key: RowKey) =>
  new StoreError(
    "conflict",
    `The document ${key.join(", ")} of ${fullName(ref)} was inserted and is gone again: a TTL index or another client deletes it. What it was restored from is untouched.`,
    { key: "mongodb.insertedGone", details: { table: fullName(ref), key: key.join(", ") } },
  );

const notACollection = (ref: TableRef, kind: string) =>
  new StoreError(
    "refused",
    `${fullName(ref)} is no plain collection (${kind}): its documents have no key of their own. Nothing was written.`,
    {
      key: "mongodb.notACollection",
      details: { table: fullName(ref), kind },
    },
  );
