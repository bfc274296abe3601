import { StoreError } from "@/lib/errors";
import type { Cursor, RowKey } from "@/lib/stores/batch";
import type { EsHandle } from "@/lib/stores/elasticsearch/client";
import { type EsRelation, relationOf } from "@/lib/stores/elasticsearch/describe";
import { isDateUnit, tickFrom, tickOf } from "@/lib/stores/elasticsearch/instant";
import type { FamilyMember, FamilyScope } from "@/lib/stores/rows";
import type { TimeColumn } from "@/lib/stores/table";

/** A scope with its table resolved. */
export interface EsScope {
  relation: EsRelation;
  member: FamilyMember;
  time: TimeColumn;
  /** Half-open, in ticks of the time column; null is open. */
  from: number | null;
  until: number | null;
}

/** Where a row stands: its time as the server orders it, then its key. */
export interface Place {
  tick: number;
  key: RowKey;
}

export async function scopeOf(handle: EsHandle, scope: FamilyScope, signal: AbortSignal): Promise<EsScope> {
  const [member] = scope.members;
  if (!member || scope.members.length > 1) throw noFamilies();
  const relation = await relationOf(handle, member.table, signal);
  assertTime(relation, scope.time);
  const tick = (us: bigint | null) => (us === null ? null : tickFrom(us, scope.time.unit));
  return { relation, member, time: scope.time, from: tick(scope.fromUs), until: tick(scope.untilUs) };
}

const noFamilies = () =>
  new StoreError(
    "refused",
    "Indices do not hang on each other: every one moves by itself. Nothing was changed.",
    {
      key: "elasticsearch.noFamilies",
    },
  );

export function assertTime(relation: EsRelation, time: TimeColumn): void {
  const column = relation.columns.find(({ name }) => name === time.column);
  const fits = column && (isDateUnit(time.unit) ? column.kind === "date" : column.kind === "int64");
  if (fits) return;
  throw new StoreError(
    "stale_plan",
    `${relation.ref.name} has no field ${time.column} that could be its time. Nothing was changed.`,
    { key: "elasticsearch.columnMissing", details: { table: relation.ref.name, column: time.column } },
  );
}

export const placeOf = (cursor: Cursor, time: TimeColumn): Place => ({
  tick: tickOf(cursor[0] ?? "", time.unit),
  key: cursor.slice(1),
});

/** The key of a document, in key order. */
export const keyOf = (relation: Pick<EsRelation, "withIndex">, hit: { index: string; id: string }): RowKey =>
  relation.withIndex ? [hit.index, hit.id] : [hit.id];

/** A document's time in [from, until); open bounds mean that there is a time at all. */
export function timeRange(time: TimeColumn, from: number | null, until: number | null): object {
  if (from === null && until === null) return { exists: { field: time.column } };
  const bounds = {
    ...(from !== null && { gte: from }),
    ...(until !== null && { lt: until }),
    ...(isDateUnit(time.unit) && { format: "epoch_millis" }),
  };
  return { range: { [time.column]: bounds } };
}

/** By time alone: no server lets every index be sorted by `_id`, so rows of one instant are put in order here. */
export function byTime(time: TimeColumn, order: "asc" | "desc"): object[] {
  const date = isDateUnit(time.unit);
  return [
    {
      [time.column]: {
        order,
        mode: "min",
        missing: "_last",
        unmapped_type: date ? "date" : "long",
        ...(date && { numeric_type: "date" }),
      },
    },
  ];
}

/** All of the filters, and only the table's own indices. */
export const filtered = (relation: EsRelation, filters: readonly object[]): object => ({
  bool: { filter: [...filters, ...(relation.only ? [{ terms: { _index: relation.only } }] : [])] },
});

/** What was asked for leaves no room between its bounds. */
export const isEmpty = (from: number | null, until: number | null): boolean =>
  from !== null && until !== null && from >= until;
