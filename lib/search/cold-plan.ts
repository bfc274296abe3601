import type { Manifest } from "@/lib/segments/segment";
import type { Sidecar } from "@/lib/segments/sidecar";
import type { ColdQuery, RowRange } from "./cold-sql";

/** A piece of a segment that may hold matching rows. */
export interface Candidate extends Omit<RowRange, "gone"> {
  segmentId: string;
  /** Null sorts last: rows without a time. */
  maxUs: bigint | null;
}

/** Whether any row of these bounds can lie in the query's range. Bounds of null: no row has a time. */
export function mayHold(
  bounds: { minTimeUs: string | null; maxTimeUs: string | null },
  query: Pick<ColdQuery, "fromUs" | "untilUs" | "after">,
): boolean {
  if (query.fromUs === null && query.untilUs === null) return true; // rows without a time come last, but they come
  if (bounds.minTimeUs === null || bounds.maxTimeUs === null) return false;
  if (query.fromUs !== null && BigInt(bounds.maxTimeUs) < query.fromUs) return false;
  return query.untilUs === null || BigInt(bounds.minTimeUs) < query.untilUs;
}

/** Row groups that neither time nor sidecar rules out. */
export function candidatesOf(manifest: Manifest, sidecar: Sidecar | null, query: ColdQuery): Candidate[] {
  const allowed =
    sidecar && sidecar.rowGroupCount === manifest.rowGroups.length ? allowedGroups(sidecar, query) : null;
  const candidates: Candidate[] = [];
  let from = 0;
  manifest.rowGroups.forEach((group, index) => {
    const until = from + group.rowCount;
    const start = from;
    from = until;
    if (allowed && !allowed.has(index)) return;
    if (!mayHold(group, query)) return;
    const maxUs = newestLeft(manifest, group, query);
    if (maxUs === "none") return;
    candidates.push({ segmentId: manifest.segmentId, from: start, until, maxUs });
  });
  return candidates;
}

/**
 * The newest time that a row of this group beyond the position can have; null when only rows without a time are
 * left. A column that says NOT NULL may still hold infinity, which has no microseconds.
 */
function newestLeft(
  manifest: Manifest,
  group: Manifest["rowGroups"][number],
  { after, fromUs, untilUs }: ColdQuery,
): bigint | null | "none" {
  if (group.minTimeUs === null || group.maxTimeUs === null) return null;
  const maxUs = BigInt(group.maxTimeUs);
  if (!after) return maxUs;
  const passed = after.timeUs === null || BigInt(group.minTimeUs) > after.timeUs;
  if (!passed && after.timeUs !== null) return maxUs < after.timeUs ? maxUs : after.timeUs;
  const bounded = fromUs !== null || untilUs !== null;
  return bounded || !timeless(manifest) ? "none" : null;
}

/** Whether the segment can hold rows that sort as having no time. */
const timeless = ({ columns, time, exact }: Manifest): boolean =>
  !time || exact || columns.find(({ name }) => name === time.column)?.nullable !== false;

/**
 * The query with its values spelled as this segment's columns spell them; null when one is no value of its column,
 * so that no row can have it. The hot table compares in the column's own type: 007 is 7 for a number, and a UUID
 * has no case.
 */
export function spelled(manifest: Manifest, query: ColdQuery): ColdQuery | null {
  const equals: { role: string; column: string; value: string }[] = [];
  for (const filter of query.equals) {
    const column = manifest.columns.find(({ name }) => name === filter.column);
    const value = column && spell(column, filter.value);
    if (value === null || value === undefined) return null;
    equals.push({ ...filter, value });
  }
  return { ...query, equals };
}

const TRUE = /^(t|true|y|yes|on|1)$/i;
const FALSE = /^(f|false|n|no|off|0)$/i;

function spell({ physical, sourceType }: Manifest["columns"][number], value: string): string | null {
  const trimmed = value.trim();
  if (physical === "int64")
    return /^[+-]?\d+$/.test(trimmed) ? BigInt(trimmed.replace("+", "")).toString() : null;
  if (physical === "bool") return TRUE.test(trimmed) ? "true" : FALSE.test(trimmed) ? "false" : null;
  if (sourceType === "uuid") return trimmed.toLowerCase();
  return value;
}

function allowedGroups(sidecar: Sidecar, query: ColdQuery): Set<number> {
  const covered = query.textColumns.every((name) => sidecar.textColumns.includes(name));
  const filters = Object.fromEntries(query.equals.map(({ role, value }) => [role, value]));
  return new Set(sidecar.candidateRowGroups(covered ? query.terms : [], filters));
}
