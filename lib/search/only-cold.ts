import { log } from "@/lib/log";
import type { RowKey } from "@/lib/stores/batch";
import type { Store } from "@/lib/stores/store";
import { vectorText } from "@/lib/stores/text-form";
import { type DatasetRequest, NOTHING, type TierReading } from "./tier-reading";

/** What `find` takes at once. */
const FIND_KEYS = 1_000;

/**
 * The cold rows of a page that are not hot any more. A row of a store that drops rows by age alone stays hot after it
 * was archived and may change there: its segment then holds an older version, which may match what the row as it is
 * does not. Where the hot table was not asked, or does not answer, the segments' rows stand.
 */
export async function onlyCold(
  request: DatasetRequest,
  hot: TierReading,
  cold: TierReading,
  opening: Promise<Store>,
): Promise<TierReading> {
  if (request.target.leavesBy === "delete" || hot === NOTHING || hot.kinds === null) return cold;
  const shown = new Set(hot.rows.map(({ key }) => JSON.stringify(key)));
  const asked = cold.rows.map(({ key }) => key).filter((key) => !shown.has(JSON.stringify(key)));
  try {
    const there = await stillHot(request, asked, opening);
    return { ...cold, rows: cold.rows.filter(({ key }) => !there.has(JSON.stringify(key))) };
  } catch (error) {
    request.signal.throwIfAborted();
    log("search").warn({ err: error }, "could not tell which cold rows are hot still");
    return cold;
  }
}

async function stillHot(
  { target, signal }: DatasetRequest,
  keys: readonly RowKey[],
  opening: Promise<Store>,
): Promise<Set<string>> {
  const there = new Set<string>();
  const { rows } = await opening;
  const key = target.roles.key;
  const member = { table: target.hot, key, columns: key, via: null };
  for (let from = 0; rows && from < keys.length; from += FIND_KEYS) {
    const batch = await rows.find(member, keys.slice(from, from + FIND_KEYS), signal);
    const columns = key.map((name) => batch.vectors.find((vector) => vector.name === name));
    for (let row = 0; row < batch.rowCount; row += 1)
      there.add(JSON.stringify(columns.map((column) => (column ? (vectorText(column, row) ?? "") : ""))));
  }
  return there;
}
