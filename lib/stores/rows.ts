import type { Batch, Cursor, Layout, RowKey, RowVersions } from "@/lib/stores/batch";
import type { DigestSum } from "@/lib/stores/digest";
import type { MonthBucket, TableRef, TableShape, TimeColumn } from "@/lib/stores/table";

/** Which rows of a family: those whose root row lies in [from, until) and, for members, hangs on such a row. */
export interface FamilyScope {
  /** Parents before children. The first is the root; each other one hangs on an earlier one. */
  members: readonly FamilyMember[];
  time: TimeColumn;
  /** Microseconds since 1970 UTC; null is open. Half-open. */
  fromUs: bigint | null;
  untilUs: bigint | null;
}

export interface FamilyMember {
  table: TableRef;
  key: readonly string[];
  /** Columns in the order of digests and segments. Empty: all of the table's, in table order. */
  columns: readonly string[];
  via: { member: number; column: string; parentColumn: string } | null;
  /**
   * The layout that rows are wanted in, for stores without a schema of their own; every other store knows its columns
   * and does not look at it. Absent: as the store lays them out now.
   */
  layout?: Layout;
}

export interface ReadOptions {
  member: number;
  /** Start after this root cursor; null from the beginning. */
  after: Cursor | null;
  /** Up to and including this root cursor; null to the end of the scope. */
  upTo: Cursor | null;
  /** Target size of a batch; one row may exceed it. */
  batchRows: number;
  batchBytes: number;
  digests: boolean;
  /** Versions are wanted: the rows are going to be deleted. A store that has none leaves them out. Default no. */
  versions?: boolean;
}

/** A slice of the root table in key order, at most so many rows and bytes, inside one UTC month. */
export interface Window {
  end: Cursor;
  month: string;
  rowCount: number;
}

export interface RowAccess {
  describe(table: TableRef, signal: AbortSignal): Promise<TableShape>;
  /** Rows and bytes per month of the root and of each member. `exact: false` when time ran out and statistics answered. */
  months(
    scope: FamilyScope,
    budgetMs: number,
    signal: AbortSignal,
  ): Promise<{ exact: boolean; members: MonthBucket[][] }>;
  /** Exact number and digest of the rows in scope, per member. Slow: a full read of the scope. */
  count(scope: FamilyScope, signal: AbortSignal): Promise<DigestSum[]>;
  /** The next slice after `after`; null when there is none. */
  window(
    scope: FamilyScope,
    after: Cursor | null,
    maxRows: number,
    signal: AbortSignal,
  ): Promise<Window | null>;
  /** Root in key order; members in any stable order. Bounded memory, whatever the size of the table. */
  read(scope: FamilyScope, options: ReadOptions, signal: AbortSignal): AsyncIterable<Batch>;
  /** Whole rows by key, digests included, at most 1,000. Missing keys are left out. */
  find(member: FamilyMember, keys: readonly RowKey[], signal: AbortSignal): Promise<Batch>;
  /** Idempotent by key: an equal row is left, a different one is a conflict and left. Atomic per call. */
  write(member: FamilyMember, batch: Batch, signal: AbortSignal): Promise<WriteResult>;
  search(query: RowQuery, signal: AbortSignal): Promise<RowPage>;
  /** Deletes exported rows, root row by root row: only where content is unchanged and no row hangs on it that is not in `parts`. Atomic per call. `stillOurs` is asked inside the transaction, when no earlier deletion of the family is under way any more; what it throws is passed on and undoes the call. */
  deleteRows?(
    scope: FamilyScope,
    parts: readonly ExportedRows[],
    signal: AbortSignal,
    stillOurs?: () => Promise<void>,
  ): Promise<DeleteResult>;
  /** Moves the next slice into the archive tables in one transaction, proved by digests on both sides. */
  moveRows?(
    scope: FamilyScope,
    targets: readonly TableRef[],
    options: MoveOptions,
    signal: AbortSignal,
  ): Promise<MoveResult>;
  /** What an archive table needs: created if `create`, compared otherwise. */
  archiveTable?(member: FamilyMember, target: TableRef, signal: AbortSignal): Promise<ArchiveTablePlan>;
  /** Runs DDL made by `archiveTable`. */
  execute?(ddl: readonly string[], signal: AbortSignal): Promise<void>;
  /** Whole partitions of the root that lie below the cut-off and can be detached at once. */
  partitions?(scope: FamilyScope, signal: AbortSignal): Promise<PartitionSlice[]>;
  /** What only the store knows to stand in the way of an operation on these rows, for its plan. Reads only. */
  risks?(
    scope: FamilyScope,
    what: "move" | "export" | "delete" | "restore",
    signal: AbortSignal,
  ): Promise<ScopeRisk[]>;
  /** The statement that makes an index while rows are read and written, for a plan to show. Absent: it is not made so. */
  createIndexSql?(table: TableRef, columns: readonly string[]): string;
  /** The statements an operation would run, for a plan. */
  explain(
    scope: FamilyScope,
    what: "move" | "export" | "delete" | "restore",
    targets: readonly TableRef[],
  ): string[];
}

/** `key` under `plan.` in the messages; `stop` keeps the plan from being run until `fix` or its like was done. */
export interface ScopeRisk {
  severity: "info" | "warn" | "stop";
  key: string;
  details: Record<string, string | number>;
  fix?: string[];
}

export interface ExportedRows {
  member: number;
  keys: readonly RowKey[];
  digests: readonly Uint8Array[];
  /** What the digests were taken over. Absent: the member's. */
  layout?: Layout;
  /** As they came with the rows. Missing after a restart: then the digests alone decide. */
  versions?: RowVersions;
}

export interface DeleteResult {
  /** Per member: rows gone and the sum of their digests. */
  deleted: DigestSum[];
  /** Per member: keys that are still there, because they changed or something hangs on them. */
  kept: { member: number; key: RowKey; reason: "changed" | "newChild" | "parentKept" | "locked" }[];
}

export interface MoveOptions {
  after: Cursor | null;
  maxRows: number;
  statementTimeoutMs: number;
  lockTimeoutMs: number;
}

export interface MoveResult {
  /** Null: nothing was left to move. */
  end: Cursor | null;
  /** Per member: rows that left and rows that arrived; equal, or nothing was moved. */
  source: DigestSum[];
  target: DigestSum[];
  movedBytes: number;
  /** True: more may have been moved than is reported here, because an answer was lost. */
  unsure?: boolean;
}

export interface ArchiveTablePlan {
  exists: boolean;
  /** Statements that create or mend the table; empty when it fits. */
  ddl: string[];
  /** Differences in words when it exists and does not fit. */
  drift: string[];
}

export interface PartitionSlice {
  ref: TableRef;
  fromUs: bigint | null;
  untilUs: bigint | null;
  rowCount: number | null;
  sizeBytes: number;
}

export interface WriteResult {
  inserted: DigestSum;
  /** Rows that were already there, equal. */
  identical: number;
  conflicts: { key: RowKey; reason: "differentContent" | "rejected"; detail: string }[];
}

/** Filters on roles, already resolved to columns. All must hold. */
export interface RowQuery {
  table: TableRef;
  key: readonly string[];
  time: TimeColumn | null;
  textColumns: readonly string[];
  /** Each term must occur in at least one text column; case does not matter; a phrase is one term. */
  terms: readonly string[];
  equals: readonly { column: string; value: string }[];
  fromUs: bigint | null;
  untilUs: bigint | null;
  /** Newest first; rows strictly after this position in that order. */
  after: Cursor | null;
  limit: number;
  /** Columns to return in full text form, besides time and key. */
  columns: readonly string[];
  /** Longest text returned per text column: a window around the first match. */
  snippetChars: number;
  timeoutMs: number;
}

export interface RowPage {
  rows: FoundRow[];
  /** Null: the end was reached. Otherwise where to go on, also when time ran out before `limit` was met. */
  next: Cursor | null;
  /** True when time ran out: what lies beyond `next` was not looked at. */
  incomplete: boolean;
}

export interface FoundRow {
  key: RowKey;
  cursor: Cursor;
  timeUs: bigint | null;
  /** Column → text form; null is NULL. Text columns are cut to the snippet. */
  values: Record<string, string | null>;
}
