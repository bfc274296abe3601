import type { Physical } from "@/lib/stores/batch";

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

/** The shape of a table as the catalogue tells it. Two shapes with one `fingerprint` are alike. */
export interface TableShape {
  ref: TableRef;
  kind: "table" | "partitioned" | "partition" | "view" | "foreign";
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
  kind: TableShape["kind"];
  /** Estimated from statistics; null when the table was never analyzed. */
  rowCount: number | null;
  sizeBytes: number;
  columns: readonly { name: string; type: string }[];
  key: readonly string[] | null;
}

export interface TableStats {
  /** Estimated from statistics; null when unknown. */
  rowCount: number | null;
  heapBytes: number;
  indexBytes: number;
  toastBytes: number;
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
}

export interface MonthBucket {
  /** YYYY-MM, UTC. */
  month: string;
  rowCount: number;
  sizeBytes: number;
}
