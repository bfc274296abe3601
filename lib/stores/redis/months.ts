import type { RedisHandle, Session } from "@/lib/stores/redis/client";
import { type EntryId, type IdRange, msOf, rangeOf } from "@/lib/stores/redis/entry-id";
import { entryBytes } from "@/lib/stores/redis/mapper";
import { monthOf, PAGE_BYTES, rootOf } from "@/lib/stores/redis/read";
import { listOf, numberOf, textOf } from "@/lib/stores/redis/reply";
import { type Home, homeOf, pages } from "@/lib/stores/redis/streams";
import type { FamilyScope } from "@/lib/stores/rows";
import type { MonthBucket } from "@/lib/stores/table";

type Buckets = Map<string, MonthBucket>;

/**
 * Rows and bytes per month. A stream keeps no counts by id: its entries are read, oldest first, for as long as there is
 * time. What is left then is spread evenly over the time up to the scope's end, by the stream's length: `exact: false`.
 */
export async function monthsOf(
  handle: RedisHandle,
  scope: FamilyScope,
  budgetMs: number,
  signal: AbortSignal,
): Promise<{ exact: boolean; members: MonthBucket[][] }> {
  const deadline = Date.now() + budgetMs;
  const session = handle.session(signal);
  const home = await homeOf(session, rootOf(scope).table);
  const range = rangeOf(scope);
  const buckets: Buckets = new Map();
  if (!range) return { exact: true, members: [[]] };
  let counted = { rows: 0, bytes: 0 };
  for await (const entries of pages(session, home, range, { pageBytes: PAGE_BYTES })) {
    for (const entry of entries) {
      const size = entryBytes(entry);
      add(buckets, monthOf(entry.id), 1, size);
      counted = { rows: counted.rows + 1, bytes: counted.bytes + size };
    }
    if (Date.now() < deadline) continue;
    await estimateRest(session, home, range, entries.at(-1)?.id ?? range.from, counted, buckets);
    return { exact: false, members: [sorted(buckets)] };
  }
  return { exact: true, members: [sorted(buckets)] };
}

function add(buckets: Buckets, month: string, rows: number, bytes: number): void {
  const { rowCount, sizeBytes } = buckets.get(month) ?? { rowCount: 0, sizeBytes: 0 };
  buckets.set(month, { month, rowCount: rowCount + rows, sizeBytes: sizeBytes + bytes });
}

const sorted = (buckets: Buckets): MonthBucket[] =>
  [...buckets.values()].sort((a, b) => (a.month < b.month ? -1 : 1));

async function estimateRest(
  session: Session,
  home: Home,
  range: IdRange,
  at: EntryId,
  counted: { rows: number; bytes: number },
  buckets: Buckets,
): Promise<void> {
  const [length, newest] = await Promise.all([
    session.of(home.main, "XLEN", home.main),
    session.of(home.main, "XREVRANGE", home.main, "+", "-", "COUNT", 1),
  ]);
  const lastMs = Number(msOf(textOf(listOf(listOf(newest)[0])[0]) || at));
  const fromMs = Number(msOf(at));
  const untilMs = Math.min(lastMs, Number(msOf(range.to)));
  const left = Math.max(0, numberOf(length) - counted.rows);
  const average = counted.bytes / Math.max(1, counted.rows);
  for (let start = fromMs; start < untilMs; ) {
    const next = Math.min(untilMs, monthEnd(start));
    const rows = Math.round((left * (next - start)) / Math.max(1, lastMs - fromMs));
    if (rows > 0) add(buckets, new Date(start).toISOString().slice(0, 7), rows, Math.round(rows * average));
    start = next;
  }
}

function monthEnd(ms: number): number {
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
}
