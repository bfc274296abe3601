import { StoreError } from "@/lib/errors";
import type { Batch } from "@/lib/stores/batch";
import { addDigests, emptyDigest } from "@/lib/stores/digest";
import type { Argument, RedisHandle, Session } from "@/lib/stores/redis/client";
import { compareIds, type EntryId, isEntryId } from "@/lib/stores/redis/entry-id";
import { readOnlyHandle, streamMissing, toStoreError } from "@/lib/stores/redis/errors";
import { type Entry, entryHash, toEntries, toVectors } from "@/lib/stores/redis/mapper";
import { pairsOf, textOf } from "@/lib/stores/redis/reply";
import { byId, entriesById, type Home, homeOf, STREAMS } from "@/lib/stores/redis/streams";
import { rowDigests } from "@/lib/stores/row-digest";
import type { FamilyMember, WriteResult } from "@/lib/stores/rows";

/** Redis refuses 0-0; no stream has such an entry. */
const NONE: EntryId = "0-0";

/**
 * Entries under their own ids. A stream takes ids above its last one only, and a consumer group would be handed what is
 * added: so an entry goes into the stream itself when it is above the last id and no group reads it, else into
 * `<name>:restored` when it is above that one's last id, else it is refused with that reason. Idempotent by id; one
 * transaction per stream; what was written is read back and compared.
 */
export async function writeRows(
  handle: RedisHandle,
  member: FamilyMember,
  batch: Batch,
  signal: AbortSignal,
): Promise<WriteResult> {
  const session = handle.session(signal);
  if (session.access === "read") throw readOnlyHandle("XADD");
  const rows = checkedRows(batch);
  const home = await homeToWrite(session, member);
  const there = new Map(
    (await entriesById(session, home, [...rows.keys()])).map(
      (entry) => [entry.id, entryHash(entry)] as const,
    ),
  );
  const result: WriteResult = { inserted: emptyDigest(), identical: 0, conflicts: [] };
  const missing: Entry[] = [];
  for (const [id, { entry }] of rows) {
    const hash = there.get(id);
    if (hash === undefined) missing.push(entry);
    else if (hash === entryHash(entry)) result.identical += 1;
    else result.conflicts.push({ key: [id], reason: "differentContent", detail: "" });
  }
  const written = await addMissing(session, home, missing, result);
  const digests = written.flatMap((id) => rows.get(id)?.digest ?? []);
  return { ...result, inserted: addDigests(result.inserted, digests) };
}

/** Rows by id with their digests. Throws corrupt, before anything is written, when a row would not read back as it is. */
function checkedRows(batch: Batch): Map<EntryId, { entry: Entry; digest: Uint8Array }> {
  const entries = toEntries(batch);
  const digests = rowDigests(
    toVectors(
      entries,
      batch.vectors.map(({ name }) => name),
    ),
    entries.length,
  );
  return new Map(
    entries.map((entry, row) => {
      const digest = digests[row] as Uint8Array;
      const wanted = batch.digests[row];
      if (!isEntryId(entry.id) || (wanted && !Buffer.from(wanted).equals(digest))) throw differs(entry.id);
      return [entry.id, { entry, digest }] as const;
    }),
  );
}

const differs = (id: EntryId) =>
  new StoreError("corrupt", `The row ${id} does not read back as it was. Nothing was written.`, {
    key: "redis.writtenDiffers",
    details: { row: id },
  });

/** A stream that is gone is made anew by its first entry. */
async function homeToWrite(session: Session, member: FamilyMember): Promise<Home> {
  if (member.table.schema !== STREAMS) throw streamMissing(member.table.name);
  return homeOf(session, member.table);
}

async function addMissing(
  session: Session,
  home: Home,
  missing: readonly Entry[],
  result: WriteResult,
): Promise<EntryId[]> {
  if (missing.length === 0) return [];
  const [main, restored] = await Promise.all([lastOf(session, home.main), lastOf(session, home.restored)]);
  const sorted = [...missing].sort((a, b) => compareIds(a.id, b.id));
  const fits = (entry: Entry, last: EntryId) => compareIds(entry.id, last) > 0;
  const toMain = main.groups > 0 ? [] : sorted.filter((entry) => fits(entry, main.last));
  const rest = sorted.filter((entry) => !toMain.includes(entry));
  const beside = rest.filter((entry) => fits(entry, restored.last));
  for (const { id } of rest.filter((entry) => !beside.includes(entry))) {
    result.conflicts.push({ key: [id], reason: "rejected", detail: tooOld(home, main.last, restored.last) });
  }
  return [
    ...(await addTo(session, home.main, toMain, result)),
    ...(await addTo(session, home.restored, beside, result)),
  ];
}

const tooOld = (home: Home, main: EntryId, restored: EntryId): string =>
  `A stream takes no entry below its last id: ${home.main} is at ${main} and ${home.restored} at ${restored}. Archive what was restored before, then restore from the oldest on.`;

/** The last id a stream ever had, and how many groups read it. */
export async function lastOf(session: Session, key: Buffer): Promise<{ last: EntryId; groups: number }> {
  if (textOf(await session.of(key, "TYPE", key)) !== "stream") return { last: NONE, groups: 0 };
  const info = pairsOf(await session.of(key, "XINFO", "STREAM", key));
  return {
    last: textOf(info.get("last-generated-id")) || NONE,
    groups: Number(textOf(info.get("groups")) || 0),
  };
}

async function addTo(
  session: Session,
  key: Buffer,
  entries: readonly Entry[],
  result: WriteResult,
): Promise<EntryId[]> {
  if (entries.length === 0) return [];
  const commands = entries.map(({ id, fields }): Argument[] => ["XADD", key, id, ...fields]);
  const replies = await session.transaction(key, commands);
  const failed = replies.flatMap((reply, at) => {
    const entry = entries[at];
    return reply instanceof Error && entry ? [{ id: entry.id, error: reply }] : [];
  });
  for (const { id, error } of failed) {
    result.conflicts.push({ key: [id], reason: "rejected", detail: toStoreError(error).message });
  }
  const refused = new Set(failed.map(({ id }) => id));
  const taken = entries.filter(({ id }) => !refused.has(id));
  const back = await byId(
    session,
    key,
    taken.map(({ id }) => id),
  );
  for (const entry of taken) {
    const read = back.get(entry.id);
    if (!read || entryHash(read) !== entryHash(entry)) throw writtenDiffers(entry.id);
  }
  return taken.map(({ id }) => id);
}

const writtenDiffers = (id: EntryId) =>
  new StoreError(
    "corrupt",
    `The entry ${id} was written and does not read back as it was: somebody else changes the stream. What was to be restored is still in its colder tier.`,
    { key: "redis.changedWhileWritten", details: { row: id } },
  );
