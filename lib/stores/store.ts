import type { Readable } from "node:stream";
import type { ZodType } from "zod";
import type { Batch, Cursor, Layout, RowKey, RowVersions } from "@/lib/stores/batch";
import type { DigestSum } from "@/lib/stores/digest";
import type {
  MonthBucket,
  TableRef,
  TableShape,
  TableStats,
  TableSummary,
  TimeColumn,
} from "@/lib/stores/table";

/** Messages by language, one tree each: merged over the console's own (see `StoreDriver.words`). */
export interface Words {
  [key: string]: Words | string;
}

/** The name of a driver's folder. The registry holds every kind there is. */
export type StoreKind = string;

/** Something a store can do. What is absent is shown as such, with the reason. */
export const ABILITIES = [
  "rows", // tables with rows that can be read, written and searched
  "objects", // keys with bytes: can hold segments
  "transactions", // a batch moves whole or not at all
  "moveRows", // hot → archive inside the server
  "deleteRows",
  "optimize",
  "queryStats",
  "partitions",
] as const;
export type Ability = (typeof ABILITIES)[number];

/** Can, but differently. Each has a default; a driver states only what deviates. */
export interface StoreTraits {
  /** Smallest step of time the store keeps, in microseconds. Default 1. Coarser: cursors are compared coarser. */
  timePrecisionUs: number;
  /** Most rows one write may carry. Default 100,000; the core splits larger batches. */
  maxBatchRows: number;
  /** Whether the source computes row digests itself. Default true; else the driver computes them in process. */
  digestsInStore: boolean;
  /** Whether tables hang on each other. Default true; else every dataset stands alone and `via` is always null. */
  families: boolean;
  /**
   * How rows leave. Default `delete`: an archive ends with their deletion. `expiry`: the store deletes by age alone;
   * an archive copies and proves, and a row lies in both tiers until the store drops it.
   */
  leavesBy: "delete" | "expiry";
  /** What a search term finds. Default `substring`; `words`: whole words as the store's index cuts them. */
  textMatch: "substring" | "words";
  /**
   * How `check` knows its rights. Default `asking`: the catalogue tells. `trying`: only by writing something of its
   * own, so a store that may be written is opened for writing to be checked.
   */
  rightsBy: "asking" | "trying";
}

export const DEFAULT_TRAITS: StoreTraits = {
  timePrecisionUs: 1,
  maxBatchRows: 100_000,
  digestsInStore: true,
  families: true,
  leavesBy: "delete",
  textMatch: "substring",
  rightsBy: "asking",
};

export type ConfigField =
  | { name: string; type: "text" | "password" | "number" | "path"; required: boolean; placeholder?: string }
  | { name: string; type: "lines"; required: boolean; placeholder?: string }
  | { name: string; type: "select"; required: boolean; options: readonly string[] };

/** What a store is, in a visual list: one icon each. */
export type StoreFamily = "sql" | "search" | "document" | "keyValue" | "objects" | "log";

/** Needs no connection: the UI shows and gates with it. */
export interface StoreDriver<Config = unknown> {
  kind: StoreKind;
  label: string;
  family: StoreFamily;
  /**
   * The driver's own sentences, merged over the console's messages at the same paths: `stores.kindHints.<kind>`,
   * `stores.fields.<field>`, `stores.rights.*`, `stores.limits.*`, `stores.facts.*`, `stores.figures.*`,
   * `stores.tableKinds.*`, `stores.queryHints.*`, `stores.cannot.<kind>.<ability>`, `optimizePage.actions.*`,
   * `optimizePage.hints.*`, `datasets.advice.*`, `errors.<kind>.*`. Both languages have the same keys.
   */
  words: { en: Words; zh: Words };
  config: ZodType<Config>;
  fields: readonly ConfigField[];
  /** Names of the fields that are encrypted at rest and never shown again. */
  secrets: readonly string[];
  abilities: readonly Ability[];
  traits: Partial<StoreTraits>;
  /** Kinds of `OptimizeAction` this driver knows, as they are listed on a dataset's page; empty without the ability. */
  optimizeActions: readonly { kind: string; danger: boolean }[];
  /** Fields from a pasted address. Throws bad_input that names each unknown parameter. */
  parseUrl?(url: string): Record<string, unknown>;
  /** Cheap: connects lazily. */
  open(config: Config, options: OpenOptions): Store;
}

export interface OpenOptions {
  /** `read`: sessions that cannot write, enforced by the server. */
  access: "read" | "write";
  /** Shown to the server as the application's name. */
  name: string;
  /** Longest a single call may take unless the call says otherwise. */
  timeoutMs: number;
  /** Most connections this handle opens. */
  connections: number;
  /** Hosts that an admin allows although they are link-local: see host-guard.ts. Default none. */
  allowedHosts?: readonly string[];
}

export interface Store {
  check(signal: AbortSignal): Promise<Health>;
  /** From statistics, never by counting. Sorted by size, largest first. */
  tables(signal: AbortSignal): Promise<TableSummary[]>;
  stats(table: TableRef, time: TimeColumn | null, signal: AbortSignal): Promise<TableStats>;
  close(): Promise<void>;
  rows?: RowAccess;
  objects?: ObjectAccess;
  optimize?: OptimizeAccess;
  queryStats?(signal: AbortSignal): Promise<QueryStats>;
  /** Figures that only this kind has, sampled every minute and shown beside its health. Bounded in time and cost. */
  figures?(signal: AbortSignal): Promise<StoreFigures>;
}

export type FigureUnit = "bytes" | "count" | "ratio" | "ms" | "seconds" | "perSecond" | "text";

/** One figure; its name stands under `stores.figures.<key>`. */
export interface Figure {
  key: string;
  /** Null: the server does not tell. Text only with the unit `text`. */
  value: number | string | null;
  unit: FigureUnit;
  /** What the value may grow to: shards of a budget, memory of a maximum. */
  limit?: number;
  /** True: kept as a sample, so that it has a chart. Only for numbers. */
  charted?: boolean;
}

/** A figure split up: memory by prefix, bytes by storage class, lag by replica. At most 50 rows, largest first. */
export interface Breakdown {
  key: string;
  unit: FigureUnit;
  rows: readonly { label: string; value: number; note?: string }[];
}

export interface StoreFigures {
  figures: readonly Figure[];
  breakdowns: readonly Breakdown[];
  /** What could not be read or is only an estimate: `key` under `stores.limits.`. */
  notes: readonly Limit[];
}

export type HealthState = "healthy" | "warning" | "unreachable";

export interface Health {
  state: HealthState;
  version: string;
  /** Round trip of the smallest request. */
  latencyMs: number;
  sizeBytes: number | null;
  freeBytes: number | null;
  rights: readonly Right[];
  limits: readonly Limit[];
  facts: Readonly<Record<string, string | number | boolean | null>>;
}

/** A right and, when it is missing, what that costs: `costKey` under `stores.rights.` in the messages. */
export interface Right {
  name: string;
  granted: boolean;
  costKey: string;
  /** The statement that grants it, ready to copy. */
  grant: string | null;
}

/** Something found that limits what can be done; `key` under `stores.limits.` in the messages. */
export interface Limit {
  key: string;
  severity: "info" | "warning";
  details: Record<string, string | number>;
}

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

export interface OptimizeAction {
  /** One of the driver's `optimizeActions`; named under `optimizePage.actions.`. */
  kind: string;
  /** What of the table, where an action needs it: an index for `reindex`, a chunk for `compress`. From `offers`. */
  index?: string;
}

/** What others may not do meanwhile. `maintenance`: reads and writes go on; `writes`: reads go on; `all`: nothing. */
export type LockLevel = "none" | "maintenance" | "writes" | "all";

export interface OptimizePlan {
  statements: string[];
  lock: LockLevel;
  /** The store's own name of the lock; empty for none. */
  lockName: string;
  /** True: it deletes something for good (uploads nobody finished, history): asks for the typed name. */
  removes?: boolean;
  /** Free space needed on the server while it runs. */
  needsBytes: number;
  /** Space expected to go back to the disk, and space expected to be reusable inside the table. */
  returnsBytes: number;
  reusableBytes: number;
  /** `key` under `optimize.advice.` in the messages. */
  advice: { key: string; worth: "yes" | "no" | "maybe"; details: Record<string, string | number> };
}

export interface OptimizeAccess {
  offers(table: TableRef, signal: AbortSignal): Promise<{ action: OptimizeAction; plan: OptimizePlan }[]>;
  /** Yields progress 0..1 and the phase as the server reports it; null progress when it does not say. */
  run(
    table: TableRef,
    action: OptimizeAction,
    signal: AbortSignal,
  ): AsyncIterable<{ phase: string; progress: number | null }>;
}

export interface QueryStats {
  available: boolean;
  /** How to get it when it is not available. */
  hintKey: string | null;
  since: string | null;
  queries: {
    queryId: string;
    text: string;
    calls: number;
    meanMs: number;
    maxMs: number;
    totalMs: number;
    rowCount: number;
    cacheHitRatio: number | null;
  }[];
  connections: { active: number; idle: number; idleInTransaction: number; max: number } | null;
  cacheHitRatio: number | null;
}

export interface ObjectInfo {
  key: string;
  sizeBytes: number;
  modifiedAt: string;
}

export interface ObjectAccess {
  /** Create-only: `conflict` if the key exists. Visible whole or not at all; durable when it resolves. */
  put(
    key: string,
    body: Readable | Uint8Array,
    signal: AbortSignal,
  ): Promise<{ sizeBytes: number; sha256: string }>;
  /** Half-open byte range. `not_found` if missing. */
  get(key: string, range: { from: number; until: number } | null, signal: AbortSignal): Promise<Readable>;
  head(key: string, signal: AbortSignal): Promise<ObjectInfo | null>;
  /** In key order. */
  list(prefix: string, signal: AbortSignal): AsyncIterable<ObjectInfo>;
  /** Missing keys are no error. */
  delete(key: string, signal: AbortSignal): Promise<void>;
  /** Absolute path of an object that DuckDB can open in place; null for stores across a network. */
  localPath(key: string): string | null;
}
