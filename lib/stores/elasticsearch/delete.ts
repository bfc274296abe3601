import type { RowKey } from "@/lib/stores/batch";
import { addDigest, emptyDigest } from "@/lib/stores/digest";
import { type BulkItem, bulk } from "@/lib/stores/elasticsearch/bulk";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { chosenColumns, type EsRelation, relationOf } from "@/lib/stores/elasticsearch/describe";
import { RowsBuilder } from "@/lib/stores/elasticsearch/document";
import { readOnlyError, serverError } from "@/lib/stores/elasticsearch/errors";
import { EsSearch, idOf } from "@/lib/stores/elasticsearch/query";
import { keyOf } from "@/lib/stores/elasticsearch/scope";
import { parseVersion, versionOrigin } from "@/lib/stores/elasticsearch/versions";
import { rowDigests } from "@/lib/stores/row-digest";
import type { DeleteResult, ExportedRows, FamilyMember, FamilyScope } from "@/lib/stores/rows";

interface Wanted {
  key: RowKey;
  digest: Uint8Array;
}
interface Known extends Wanted {
  item: BulkItem;
}

/**
 * Deletes exported documents, each only while it is the very version that was exported: if_seq_no and if_primary_term
 * are compared by the server, in the delete. Where the version is not known, or is another one by now, the content is
 * read and its digest decides. Documents are deleted one by one: there are no transactions.
 */
export async function deleteRows(
  handle: EsHandle,
  scope: FamilyScope,
  parts: readonly ExportedRows[],
  signal: AbortSignal,
  stillOurs?: () => Promise<void>,
): Promise<DeleteResult> {
  if (handle.options.access === "read") throw readOnlyError();
  const [member] = scope.members;
  const result: DeleteResult = { deleted: [emptyDigest()], kept: [] };
  const rows = parts.filter((part) => part.member === 0);
  if (!member || rows.length === 0) return result;
  const relation = await relationOf(handle, member.table, signal);
  await stillOurs?.();
  const { known, unknown } = sorted(relation, rows);
  const add = (digest: Uint8Array) => {
    result.deleted[0] = addDigest(result.deleted[0] ?? emptyDigest(), digest);
  };
  const changed = await removeKnown(handle, known, add, signal);
  // Another version may still have the same content: a document that was saved again, or read before a restart.
  const again = await byContent(handle, relation, member, [...unknown, ...changed], result, signal);
  const lost = await removeKnown(handle, again, add, signal);
  for (const { key } of lost) result.kept.push({ member: 0, key, reason: "changed" });
  return result;
}

function sorted(relation: EsRelation, parts: readonly ExportedRows[]): { known: Known[]; unknown: Wanted[] } {
  const known: Known[] = [];
  const unknown: Wanted[] = [];
  for (const { keys, digests, versions } of parts) {
    const texts = versions?.origin === versionOrigin ? versions.rows : [];
    keys.forEach((key, at) => {
      const wanted = { key, digest: digests[at] ?? new Uint8Array(16) };
      const version = parseVersion(relation, texts[at]);
      if (!version) unknown.push(wanted);
      else
        known.push({
          ...wanted,
          item: {
            action: "delete",
            index: version.index,
            id: key.at(-1) ?? "",
            routing: version.routing,
            version,
          },
        });
    });
  }
  return { known, unknown };
}

/** Returns those that are another version by now. */
async function removeKnown(
  handle: EsHandle,
  rows: readonly Known[],
  deleted: (digest: Uint8Array) => void,
  signal: AbortSignal,
): Promise<Wanted[]> {
  if (rows.length === 0) return [];
  const results = await bulk(
    handle,
    rows.map(({ item }) => item),
    signal,
  );
  const changed: Wanted[] = [];
  let failed: Error | null = null;
  results.forEach(({ status, error }, at) => {
    const row = rows[at];
    if (!row) return;
    if (status >= 200 && status < 300) deleted(row.digest);
    else if (status === 409) changed.push(row);
    // 404 without an error: it is gone already, by us or by others.
    else if (status !== 404) failed ??= serverError(status, error ?? undefined);
  });
  if (failed) throw failed;
  return changed;
}

/** The documents whose content is what was exported, with the version they have now; what differs is kept. */
async function byContent(
  handle: EsHandle,
  relation: EsRelation,
  member: FamilyMember,
  rows: readonly Wanted[],
  result: DeleteResult,
  signal: AbortSignal,
): Promise<Known[]> {
  if (rows.length === 0) return [];
  const digests = new Map(rows.map((row) => [idOf(row.key), row]));
  const columns = chosenColumns(relation, member.columns);
  const search = new EsSearch(handle, relation, signal);
  const equal: Known[] = [];
  for (let from = 0; from < rows.length; from += SLICE) {
    const keys = rows.slice(from, from + SLICE).map(({ key }) => key);
    for (const hit of await search.byKeys(keys, { seq_no_primary_term: true })) {
      const key = keyOf(relation, hit);
      const row = digests.get(idOf(key));
      const builder = new RowsBuilder(columns);
      builder.add(hit);
      const [digest] = rowDigests(builder.vectors(), 1);
      if (!row || !digest) continue;
      if (Buffer.compare(digest, row.digest) !== 0) result.kept.push({ member: 0, key, reason: "changed" });
      else
        equal.push({
          ...row,
          item: {
            action: "delete",
            index: hit.index,
            id: hit.id,
            routing: hit.routing,
            version: { seqNo: hit.seqNo, primaryTerm: hit.primaryTerm },
          },
        });
    }
  }
  return equal;
}

const SLICE = 500;
