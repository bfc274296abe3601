import { StoreError } from "@/lib/errors";
import type { Batch, Cursor, RowKey } from "@/lib/stores/batch";
import { addDigests, type DigestSum, emptyDigest } from "@/lib/stores/digest";
import type { RedisHandle } from "@/lib/stores/redis/client";
import { columnsOf } from "@/lib/stores/redis/describe";
import { type EntryId, isEntryId, msOf, rangeOf, within } from "@/lib/stores/redis/entry-id";
import { cancelled } from "@/lib/stores/redis/errors";
import { cursorOf, type Entry, entryBytes, toBatch } from "@/lib/stores/redis/mapper";
import { entriesById, homeOf, pages } from "@/lib/stores/redis/streams";
import type { FamilyMember, FamilyScope, ReadOptions, Window } from "@/lib/stores/rows";

const MOST_FOUND = 1_000;
export const PAGE_BYTES = 4 << 20;

export function rootOf(scope: FamilyScope, member = 0): FamilyMember {
  const found = scope.members[member];
  if (found && scope.members.length === 1) return found;
  throw new StoreError(
    "refused",
    "Streams have no families: each is a dataset of its own. Nothing was changed.",
    {
      key: "redis.noFamilies",
    },
  );
}

/** The id a cursor stands at. Throws bad_input for one that is not a stream's. */
export function idOf(cursor: Cursor | null): EntryId | null {
  if (cursor === null) return null;
  const id = cursor.at(-1) ?? "";
  if (isEntryId(id)) return id;
  throw new StoreError("bad_input", "This is not a position in a stream. Start again from the first page.", {
    key: "redis.badCursor",
  });
}

/** Entries in the order of their ids; memory is bounded by the batch. */
export async function* readRows(
  handle: RedisHandle,
  scope: FamilyScope,
  options: ReadOptions,
  signal: AbortSignal,
): AsyncGenerator<Batch> {
  const member = rootOf(scope, options.member);
  const session = handle.session(signal);
  const home = await homeOf(session, member.table);
  const columns = await columnsOf(session, member);
  const whole = rangeOf(scope);
  const range = whole && within(whole, idOf(options.after), idOf(options.upTo));
  if (!range) return;
  const pageBytes = Math.min(PAGE_BYTES, options.batchBytes);
  let batch: Entry[] = [];
  let bytes = 0;
  for await (const entries of pages(session, home, range, { pageBytes })) {
    for (const entry of entries) {
      const size = entryBytes(entry);
      if (batch.length > 0 && (batch.length >= options.batchRows || bytes + size > options.batchBytes)) {
        yield toBatch(batch, columns, options);
        if (signal.aborted) throw cancelled();
        [batch, bytes] = [[], 0];
      }
      batch.push(entry);
      bytes += size;
    }
  }
  if (batch.length > 0) yield toBatch(batch, columns, options);
}

/** Whole rows by key, in the order of their ids. */
export async function findRows(
  handle: RedisHandle,
  member: FamilyMember,
  keys: readonly RowKey[],
  signal: AbortSignal,
): Promise<Batch> {
  const session = handle.session(signal);
  const home = await homeOf(session, member.table);
  const columns = await columnsOf(session, member);
  const ids = keys.slice(0, MOST_FOUND).flatMap(([id = ""]) => (isEntryId(id) ? [id] : []));
  return toBatch(await entriesById(session, home, ids), columns, { digests: true });
}

/** Number and digest of all rows in the scope: reads them. */
export async function countRows(
  handle: RedisHandle,
  scope: FamilyScope,
  signal: AbortSignal,
): Promise<DigestSum[]> {
  let sum = emptyDigest();
  const options = {
    member: 0,
    after: null,
    upTo: null,
    batchRows: 1_000,
    batchBytes: PAGE_BYTES,
    digests: true,
  };
  for await (const batch of readRows(handle, scope, options, signal)) sum = addDigests(sum, batch.digests);
  return [sum];
}

/** The next slice in id order, inside one month. Entries come with their ids, so their bytes pass by. */
export async function nextWindow(
  handle: RedisHandle,
  scope: FamilyScope,
  after: Cursor | null,
  maxRows: number,
  signal: AbortSignal,
): Promise<Window | null> {
  const session = handle.session(signal);
  const home = await homeOf(session, rootOf(scope).table);
  const whole = rangeOf(scope);
  const range = whole && within(whole, idOf(after), null);
  let [month, rowCount]: [string, number] = ["", 0];
  let end: EntryId | null = null;
  if (!range) return null;
  const most = Math.max(1, Math.floor(maxRows));
  for await (const entries of pages(session, home, range, { pageBytes: PAGE_BYTES })) {
    for (const { id } of entries) {
      const own = monthOf(id);
      if (month === "") month = own;
      if (own !== month || rowCount >= most) return windowOf(end, month, rowCount);
      [end, rowCount] = [id, rowCount + 1];
    }
    if (rowCount >= most) break;
  }
  return windowOf(end, month, rowCount);
}

const windowOf = (end: EntryId | null, month: string, rowCount: number): Window | null =>
  end === null ? null : { end: cursorOf(end), month, rowCount };

export const monthOf = (id: EntryId): string => new Date(Number(msOf(id))).toISOString().slice(0, 7);
