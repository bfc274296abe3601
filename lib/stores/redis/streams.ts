import { StoreError } from "@/lib/errors";
import type { Session } from "@/lib/stores/redis/client";
import { compareIds, type EntryId, type IdRange, previousId, within } from "@/lib/stores/redis/entry-id";
import { streamMissing } from "@/lib/stores/redis/errors";
import { type Entry, entryBytes, toEntry } from "@/lib/stores/redis/mapper";
import { listOf, numberOf, textOf } from "@/lib/stores/redis/reply";
import type { TableRef } from "@/lib/stores/table";

/** Streams and groups of keys stand side by side as two schemas. */
export const STREAMS = "streams";
export const KEYS = "keys";

const RESTORED = ":restored";

/**
 * A stream takes no entry below its last id. What is restored goes into a stream beside it, `<name>:restored`, which
 * Strata makes, reads together with the stream, and removes when it is empty.
 */
export interface Home {
  name: string;
  main: Buffer;
  restored: Buffer;
  hasRestored: boolean;
}

export const isRestored = (name: string): boolean => name.endsWith(RESTORED);
export const homeName = (name: string): string => name.slice(0, -RESTORED.length);
export const restoredName = (name: string): string => `${name}${RESTORED}`;

/** Throws not_found when there is no such stream. */
export async function homeOf(session: Session, ref: TableRef): Promise<Home> {
  if (ref.schema === KEYS) throw lookOnly(ref.name);
  if (ref.schema !== STREAMS) throw streamMissing(ref.name);
  const main = Buffer.from(ref.name);
  const restored = Buffer.from(restoredName(ref.name));
  const [type, there] = await Promise.all([
    session.of(main, "TYPE", main),
    session.of(restored, "TYPE", restored).catch((error: unknown) => {
      // Who may not see the stream beside it has restored nothing into it.
      if (error instanceof StoreError && error.code === "forbidden") return null;
      throw error;
    }),
  ]);
  if (textOf(type) !== "stream") throw streamMissing(ref.name);
  return { name: ref.name, main, restored, hasRestored: textOf(there ?? undefined) === "stream" };
}

const lookOnly = (name: string) =>
  new StoreError(
    "refused",
    `${name} is a group of keys, not a stream: it can be looked at, not read row by row. Nothing was changed.`,
    { key: "redis.keyGroup", details: { table: name } },
  );

/** One page of entries, oldest first or newest first. */
async function page(
  session: Session,
  key: Buffer,
  range: IdRange,
  count: number,
  newestFirst: boolean,
): Promise<Entry[]> {
  const reply = newestFirst
    ? await session.of(key, "XREVRANGE", key, range.to, range.from, "COUNT", count)
    : await session.of(key, "XRANGE", key, range.from, range.to, "COUNT", count);
  return listOf(reply).map(toEntry);
}

/** Small: how large the entries are is not known yet. */
const FIRST_PAGE = 4;
const MOST_PAGE = 1_000;

export interface PageOptions {
  newestFirst?: boolean;
  /** Bytes a page should have: a large entry may exceed it, and the first page is small because sizes are not known yet. */
  pageBytes: number;
}

/** Pages of one stream. Their length follows the size of the entries seen so far. */
async function* pagesOfKey(
  session: Session,
  key: Buffer,
  range: IdRange,
  options: PageOptions,
): AsyncGenerator<Entry[]> {
  const newestFirst = options.newestFirst === true;
  let count = FIRST_PAGE;
  let coming: Promise<Entry[]> | null = page(session, key, range, count, newestFirst);
  while (coming) {
    const entries: Entry[] = await coming;
    const last = entries.at(-1);
    if (!last) return;
    const left = newestFirst ? above(range, last.id) : within(range, last.id, null);
    const ended = entries.length < count;
    const largest = entries.reduce((most, entry) => Math.max(most, entryBytes(entry)), 1);
    count = Math.max(1, Math.min(MOST_PAGE, count * 4, Math.floor(options.pageBytes / largest)));
    // The next page is on its way while this one is worked on.
    coming = ended || left === null ? null : page(session, key, left, count, newestFirst);
    coming?.catch(() => undefined);
    yield entries;
  }
}

const above = (range: IdRange, id: EntryId): IdRange | null => {
  const before = previousId(id);
  return before === null ? null : within(range, null, before);
};

/** Entries of a stream and of what was restored beside it, in the order of their ids, each once. */
export async function* pages(
  session: Session,
  home: Home,
  range: IdRange,
  options: PageOptions,
): AsyncGenerator<Entry[]> {
  const main = pagesOfKey(session, home.main, range, options);
  if (!home.hasRestored) return yield* main;
  yield* merged(main, pagesOfKey(session, home.restored, range, options), options.newestFirst ? -1 : 1);
}

async function* merged(
  a: AsyncGenerator<Entry[]>,
  b: AsyncGenerator<Entry[]>,
  sign: 1 | -1,
): AsyncGenerator<Entry[]> {
  const next = async (from: AsyncGenerator<Entry[]>) => (await from.next()).value ?? null;
  let [left, right]: (Entry[] | null)[] = [await next(a), await next(b)];
  while (left && right) {
    const out: Entry[] = [];
    let [l, r] = [0, 0];
    while (l < left.length && r < right.length) {
      const [one, two] = [left[l] as Entry, right[r] as Entry];
      const order = compareIds(one.id, two.id) * sign;
      if (order <= 0) out.push(one);
      if (order > 0) out.push(two);
      if (order <= 0) l += 1;
      // The stream's own entry stands for both.
      if (order >= 0) r += 1;
    }
    if (out.length > 0) yield out;
    left = l < left.length ? left.slice(l) : await next(a);
    right = r < right.length ? right.slice(r) : await next(b);
  }
  if (left) yield left;
  if (right) yield right;
  yield* left ? a : b;
}

/** Entries by id, in the order of the ids; those that are not there are left out. */
export async function entriesById(session: Session, home: Home, ids: readonly EntryId[]): Promise<Entry[]> {
  const sorted = [...new Set(ids)].sort(compareIds);
  const found = await byId(session, home.main, sorted);
  if (!home.hasRestored) return [...found.values()];
  const rest = await byId(
    session,
    home.restored,
    sorted.filter((id) => !found.has(id)),
  );
  return sorted.flatMap((id) => found.get(id) ?? rest.get(id) ?? []);
}

/** Asked for at once: one round trip for so many ids. */
const IDS_AT_ONCE = 200;

export async function byId(
  session: Session,
  key: Buffer,
  ids: readonly EntryId[],
): Promise<Map<EntryId, Entry>> {
  const found = new Map<EntryId, Entry>();
  for (let at = 0; at < ids.length; at += IDS_AT_ONCE) {
    const part = ids.slice(at, at + IDS_AT_ONCE);
    const replies = await Promise.all(part.map((id) => session.of(key, "XRANGE", key, id, id)));
    for (const reply of replies) for (const entry of listOf(reply).map(toEntry)) found.set(entry.id, entry);
  }
  return found;
}

/** The column names of a stream: the fields of its newest entries, in the order they are met. */
export async function fieldNames(session: Session, key: Buffer, mostEntries: number): Promise<Buffer[]> {
  const count = await affordable(session, key, mostEntries);
  const reply = await session.of(key, "XREVRANGE", key, "+", "-", "COUNT", count);
  const seen = new Map<string, Buffer>();
  for (const { fields } of listOf(reply).map(toEntry)) {
    for (let at = 0; at < fields.length; at += 2) {
      const name = fields[at] as Buffer;
      const known = name.toString("latin1");
      if (!seen.has(known)) seen.set(known, name);
    }
  }
  return [...seen.values()];
}

const SAMPLE_BYTES = 4 << 20;

/** So many entries that they are some megabytes at most, by the stream's average. */
async function affordable(session: Session, key: Buffer, most: number): Promise<number> {
  const [bytes, length] = await Promise.all([
    session.of(key, "MEMORY", "USAGE", key, "SAMPLES", 5).catch(() => null),
    session.of(key, "XLEN", key),
  ]);
  const average = numberOf(bytes ?? undefined) / Math.max(1, numberOf(length));
  return Math.max(1, Math.min(most, Math.floor(SAMPLE_BYTES / Math.max(1, average))));
}
