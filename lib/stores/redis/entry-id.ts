import type { FamilyScope } from "@/lib/stores/rows";

/** A stream's ids are `<milliseconds>-<number>`, both unsigned 64-bit, ordered as numbers. */
export type EntryId = string;

const MOST = 2n ** 64n - 1n;

/** The last millisecond of the year 9999: later ids have no time that all tiers can write down. */
export const LAST_MS = BigInt(Date.UTC(10_000, 0, 1)) - 1n;

const parts = (id: EntryId): [bigint, bigint] => {
  const [ms = "0", number = "0"] = id.split("-");
  return [BigInt(ms), BigInt(number)];
};

export const isEntryId = (text: string): boolean => {
  if (!/^\d{1,20}-\d{1,20}$/.test(text)) return false;
  const [ms, number] = parts(text);
  return ms <= MOST && number <= MOST && text === `${ms}-${number}`;
};

export function compareIds(a: EntryId, b: EntryId): number {
  if (a === b) return 0;
  const [aMs = "", aNumber = ""] = a.split("-");
  const [bMs = "", bNumber = ""] = b.split("-");
  return compareDigits(aMs, bMs) || compareDigits(aNumber, bNumber);
}

/** Decimal digits without leading zeros compare by length, then as text. */
const compareDigits = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

export const msOf = (id: EntryId): bigint => parts(id)[0];

/** Microseconds since 1970 UTC; null beyond the year 9999. */
export function timeUsOf(id: EntryId): bigint | null {
  const ms = msOf(id);
  return ms > LAST_MS ? null : ms * 1_000n;
}

/** Inclusive bounds of ids. Null: nothing can lie between. */
export interface IdRange {
  from: EntryId;
  to: EntryId;
}

const ceilMs = (us: bigint): bigint => (us <= 0n ? 0n : (us + 999n) / 1_000n);

/** The ids whose time lies in the scope: what has no time is in no scope. */
export function rangeOf({ fromUs, untilUs }: Pick<FamilyScope, "fromUs" | "untilUs">): IdRange | null {
  const from = fromUs === null ? 0n : ceilMs(fromUs);
  const until = untilUs === null ? LAST_MS + 1n : ceilMs(untilUs);
  const last = until - 1n < LAST_MS ? until - 1n : LAST_MS;
  return last < from ? null : { from: `${from}-0`, to: `${last}-${MOST}` };
}

/** What is left of a range after an id, and up to and including another. */
export function within(range: IdRange, after: EntryId | null, upTo: EntryId | null): IdRange | null {
  const next = after === null ? range.from : nextId(after);
  const from = compareIds(next, range.from) > 0 ? next : range.from;
  const to = upTo !== null && compareIds(upTo, range.to) < 0 ? upTo : range.to;
  return compareIds(from, to) > 0 ? null : { from, to };
}

/** The last id of the same millisecond. */
export const lastOfMs = (id: EntryId): EntryId => `${msOf(id)}-${MOST}`;

export function nextId(id: EntryId): EntryId {
  const [ms, number] = parts(id);
  return number < MOST ? `${ms}-${number + 1n}` : `${ms + 1n}-0`;
}

export function previousId(id: EntryId): EntryId | null {
  const [ms, number] = parts(id);
  if (number > 0n) return `${ms}-${number - 1n}`;
  return ms > 0n ? `${ms - 1n}-${MOST}` : null;
}
