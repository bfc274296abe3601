import type { Readable } from "node:stream";
import type { ZodType } from "zod";
import type { RowAccess } from "@/lib/stores/rows";
import type { TableRef, TableStats, TableSummary, TimeColumn } from "@/lib/stores/table";

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
