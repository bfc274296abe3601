import type { Document } from "mongodb";
import type { RowKey } from "@/lib/stores/batch";
import { addDigest, type DigestSum, emptyDigest } from "@/lib/stores/digest";
import { eachField, fieldName, T, TYPE_NAMES } from "@/lib/stores/mongodb/bson";
import type { MongoHandle, RunOptions } from "@/lib/stores/mongodb/client";
import { confirmed } from "@/lib/stores/mongodb/confirmed";
import { Unsayable } from "@/lib/stores/mongodb/ejson-write";
import { keyIdentity, keyValue } from "@/lib/stores/mongodb/key-text";
import { canBeColumn, KEY_COLUMN } from "@/lib/stores/mongodb/layout";
import { documentsByKey, memberOf, openCollection } from "@/lib/stores/mongodb/read";
import { mapOf } from "@/lib/stores/mongodb/value";
import { digestDocuments } from "@/lib/stores/mongodb/write";
import type { DeleteResult, ExportedRows, FamilyScope } from "@/lib/stores/rows";
import type { TableRef } from "@/lib/stores/table";

/** Documents of one delete command. Their content is part of it, and a command is a document of 16 MB at most. */
const CHUNK_ROWS = 500;
const CHUNK_BYTES = 8 << 20;
/** Numbers whose type is asked for by name, of one document. */
const MAX_GUARDS = 200;

interface Doomed {
  key: RowKey;
  digest: Uint8Array;
  document: Buffer;
}

type Kept = DeleteResult["kept"][number];

/**
 * Deletes exported documents that are unchanged. Two looks make it exact:
 *
 * 1. The documents are read from the primary and digested as the export did: one whose digest differs is kept.
 * 2. Each delete then carries that very document: `{_id, $expr: {$eq: ["$$ROOT", <document>]}}`. The server compares and
 *    deletes in one step under the document's own lock, so an update that comes between 1 and 2 makes the filter miss
 *    and the document stays, reported as changed; an update after it finds no document, as after any delete.
 *    `$eq` takes 1 and 1.0 for equal: numbers' types are asked for beside it (`{n: {$type: "int"}}`). What is left is an
 *    update within those milliseconds that changes nothing but the sign of a zero, or the type of a number in a
 *    document with more than 200 of them, beneath a field name with dots, or in an array.
 *
 * One command holds many such deletes and answers with their number alone. When fewer went than were sent, those that
 * are still there are kept; those that are not were deleted by somebody else at the same moment, equal to what was
 * exported as of look 1, and count as gone.
 */
export async function deleteRows(
  handle: MongoHandle,
  scope: FamilyScope,
  parts: readonly ExportedRows[],
  signal: AbortSignal,
  stillOurs?: () => Promise<void>,
): Promise<DeleteResult> {
  handle.mustWrite();
  const run = { signal };
  const kept: Kept[] = [];
  const deleted: DigestSum[] = scope.members.map(() => emptyDigest());
  for (const part of parts) {
    const member = memberOf(scope, part.member);
    const { ref, layout } = await openCollection(
      handle,
      { ...member, layout: part.layout ?? member.layout },
      null,
      run,
    );
    for (let from = 0; from < part.keys.length; from += CHUNK_ROWS) {
      const keys = part.keys.slice(from, from + CHUNK_ROWS);
      const digests = part.digests.slice(from, from + CHUNK_ROWS);
      const keep = (key: RowKey) => kept.push(keptRow(part.member, key));
      const doomed = await unchanged(handle, ref, layout, { keys, digests }, keep, run);
      await stillOurs?.();
      for (const chunk of chunksOf(doomed)) {
        const stayed = await deleteChunk(handle, ref, chunk, run);
        for (const one of chunk) {
          if (stayed.has(keyIdentity(one.key[0] ?? ""))) kept.push(keptRow(part.member, one.key));
          else deleted[part.member] = addDigest(deleted[part.member] ?? emptyDigest(), one.digest);
        }
      }
    }
  }
  return { deleted, kept };
}

const keptRow = (member: number, key: RowKey): Kept => ({ member, key, reason: "changed" });

async function unchanged(
  handle: MongoHandle,
  ref: TableRef,
  layout: Parameters<typeof digestDocuments>[1],
  { keys, digests }: { keys: readonly RowKey[]; digests: readonly Uint8Array[] },
  keep: (key: RowKey) => void,
  run: RunOptions,
): Promise<Doomed[]> {
  const there = await digestDocuments(documentsByKey(handle, ref, keys, run), layout);
  const doomed: Doomed[] = [];
  for (const [at, key] of keys.entries()) {
    const found = there.get(keyIdentity(key[0] ?? ""));
    if (!found) continue;
    if (Buffer.from(found.digest).equals(digests[at] ?? new Uint8Array())) doomed.push({ key, ...found });
    else keep(key);
  }
  return doomed;
}

function* chunksOf(rows: readonly Doomed[]): Generator<Doomed[]> {
  let chunk: Doomed[] = [];
  let sizeBytes = 0;
  for (const row of rows) {
    if (chunk.length > 0 && sizeBytes + row.document.length > CHUNK_BYTES) {
      yield chunk;
      chunk = [];
      sizeBytes = 0;
    }
    chunk.push(row);
    sizeBytes += row.document.length;
  }
  if (chunk.length > 0) yield chunk;
}

/** Returns the keys, as the server compares them, of those that are still there. */
async function deleteChunk(
  handle: MongoHandle,
  ref: TableRef,
  chunk: readonly Doomed[],
  run: RunOptions,
): Promise<Set<string>> {
  const stayed = new Set<string>();
  const deletes: Document[] = [];
  for (const { key, document } of chunk) {
    try {
      deletes.push({ q: exactFilter(key, document), limit: 1 });
    } catch (error) {
      // A value that no driver can send cannot be compared with: the document stays.
      if (!(error instanceof Unsayable)) throw error;
      stayed.add(keyIdentity(key[0] ?? ""));
    }
  }
  if (deletes.length === 0) return stayed;
  const command = { delete: ref.name, deletes, ordered: false, writeConcern: { w: "majority" } };
  const answer = confirmed(await handle.command(ref.schema, command, run));
  if (Number(answer.n ?? 0) === deletes.length) return stayed;
  const left = documentsByKey(
    handle,
    ref,
    chunk.map(({ key }) => key),
    run,
  );
  for (const identity of (
    await digestDocuments(left, [{ name: KEY_COLUMN, physical: "text", sourceType: "any" }])
  ).keys())
    stayed.add(identity);
  return stayed;
}

/** Holds for this very document alone. */
function exactFilter(key: RowKey, document: Buffer): Document {
  return {
    [KEY_COLUMN]: { $eq: keyValue(key[0] ?? "") },
    $expr: { $eq: ["$$ROOT", { $literal: mapOf(document) }] },
    ...typeGuards(document),
  };
}

const NUMERIC: ReadonlySet<number> = new Set([T.double, T.int, T.long, T.decimal]);

/** `$eq` compares numbers by value: their types by their paths, as far as a path can be written. */
export function typeGuards(document: Buffer): Document {
  const guards: Document = {};
  let count = 0;
  const visit = (from: number, path: string): void =>
    eachField(document, from, (latin1, type, valueFrom) => {
      const name = fieldName(latin1);
      if (count >= MAX_GUARDS || (path === "" && name === KEY_COLUMN) || !canBeColumn(name)) return;
      const full = path === "" ? name : `${path}.${name}`;
      if (type === T.object) visit(valueFrom, full);
      if (!NUMERIC.has(type)) return;
      guards[full] = { $type: TYPE_NAMES[type] };
      count += 1;
    });
  visit(0, "");
  return guards;
}
