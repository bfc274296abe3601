import type { Physical } from "@/lib/stores/batch";
import type { Figure, OptimizeAction } from "@/lib/stores/store";

export interface TableRef {
  schema: string;
  name: string;
}

/** What a time column counts in. `timestamp` without zone is taken as UTC. */
export type TimeUnit = "timestamp" | "timestamptz" | "date" | "s" | "ms" | "us";

export interface TimeColumn {
  column: string;
  unit: TimeUnit;
}

export interface ColumnShape {
  name: string;
  /** The store's own name of the type, with its modifiers. */
  type: string;
  physical: Physical;
  nullable: boolean;
  /** `stored` columns are computed by the table and left out of writes. */
  generated: "no" | "identity" | "stored";
  default: string | null;
}

export interface IndexShape {
  name: string;
  columns: readonly string[];
  unique: boolean;
  primary: boolean;
  valid: boolean;
  method: string;
  definition: string;
  sizeBytes: number;
  /** Since the statistics were last reset; null when not known. */
  scans: number | null;
}

/** Another table's foreign key on this one, or this one's on another. */
export interface ForeignKey {
  name: string;
  table: TableRef;
  columns: readonly string[];
  references: TableRef;
  referencedColumns: readonly string[];
  onDelete: "no action" | "restrict" | "cascade" | "set null" | "set default";
}

/**
 * What a table is in its store's own words; named under `stores.tableKinds.`. `view`, `foreign` and `partition` cannot
 * be datasets: their rows belong to somewhere else.
 */
export type TableKind = string;

/** The shape of a table as the catalogue tells it. Two shapes with one `fingerprint` are alike. */
export interface TableShape {
  ref: TableRef;
  kind: TableKind;
  columns: readonly ColumnShape[];
  /** Primary key, or a unique index over not-null columns; null when there is none. */
  key: readonly string[] | null;
  indexes: readonly IndexShape[];
  triggers: readonly { name: string; events: readonly string[]; definition: string }[];
  incoming: readonly ForeignKey[];
  outgoing: readonly ForeignKey[];
  rowSecurity: boolean;
  fingerprint: string;
}

export interface TableSummary {
  ref: TableRef;
  kind: TableKind;
  /** Estimated from statistics; null when the table was never analyzed. */
  rowCount: number | null;
  sizeBytes: number;
  columns: readonly { name: string; type: string }[];
  key: readonly string[] | null;
}

export interface TableStats {
  /** Estimated from statistics; null when unknown. */
  rowCount: number | null;
  /** The rows themselves. */
  heapBytes: number;
  indexBytes: number;
  /** Long values kept apart; null where the store keeps none apart. */
  toastBytes: number | null;
  totalBytes: number;
  deadRows: number | null;
  liveRows: number | null;
  lastVacuumAt: string | null;
  lastAnalyzeAt: string | null;
  /** ISO instant of the oldest and newest row, when an index or a statistic makes that cheap. */
  oldestAt: string | null;
  newestAt: string | null;
  indexes: readonly IndexShape[];
  /** What could not be read, in words, e.g. a missing right. */
  notes: readonly string[];
  /** Figures that only tables of this kind have. */
  figures?: readonly Figure[];
  /** What the driver advises for this table, beside what the core works out itself. */
  advice?: readonly TableAdvice[];
}

/** `key` under `datasets.advice.`; `action` is what a button would plan, null when there is nothing to press. */
export interface TableAdvice {
  key: string;
  worth: "yes" | "no" | "maybe";
  details: Readonly<Record<string, string | number>>;
  action: OptimizeAction | null;
  /** Statements or requests to copy, for what Strata does not run itself. */
  statements: readonly string[];
}

export interface MonthBucket {
  /** YYYY-MM, UTC. */
  month: string;
  rowCount: number;
  sizeBytes: number;
}
