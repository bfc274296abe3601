import type { Cursor, Physical, Value } from "@/lib/stores/batch";
import type { TimeUnit } from "@/lib/stores/table";

/**
 * A segment is three objects under one name, the manifest written last, and later any number of `gone` lists:
 *
 *   store=<name>/dataset=<name>/month=YYYY-MM/<segmentId>.parquet        rows, zstd, sorted by time then key
 *                                             <segmentId>.grams          search sidecar
 *                                             <segmentId>.manifest.json  the commit
 *                                             <segmentId>.gone-0001.json rows no longer owned by this segment
 *
 * Columns of the Parquet file: the table's, then `_strata_digest` (16 bytes) and `_strata_exact` (JSON: column
 * → exact text of a value that its Parquet type cannot hold; NULL in nearly every row).
 */
export interface Manifest {
  format: "strata-segment/1";
  segmentId: string;
  dataset: { name: string; store: string; schema: string; table: string };
  /** The root's month for members of a family, so that a family lies together. */
  month: string;
  key: string;
  rowCount: number;
  sizeBytes: number;
  sourceBytes: number;
  sha256: string;
  /** Digest of the set of rows, see stores/digest.ts. */
  digest: string;
  keyColumns: readonly string[];
  time: { column: string; unit: TimeUnit } | null;
  minTimeUs: string | null;
  maxTimeUs: string | null;
  columns: readonly { name: string; physical: Physical; sourceType: string; nullable: boolean }[];
  /** Whether any row has `_strata_exact`. */
  exact: boolean;
  rowGroups: readonly { rowCount: number; minTimeUs: string | null; maxTimeUs: string | null }[];
  /** Null: the segment was written without one, and a search opens it whenever the other filters let it. */
  sidecar: { key: string; sizeBytes: number; sha256: string; columns: readonly string[] } | null;
  /** The root's cursors this segment was cut between: (after, end]. */
  window: { after: Cursor | null; end: Cursor };
  operationId: string;
  createdAt: string;
  versions: { strata: string; store: string };
}

/** Row positions (0-based, in file order) that this segment no longer owns. */
export interface GoneList {
  format: "strata-gone/1";
  segmentId: string;
  sequence: number;
  reason: "keptHot" | "restored" | "superseded";
  operationId: string;
  rows: readonly number[];
  createdAt: string;
}

/** One flushed row group as the search sidecar sees it: vectors of equal length, in file order. */
export interface RowGroupContent {
  /** Per text column: UTF-8, or null. */
  texts: readonly (readonly Value[])[];
  /** Role → values of its column. Text, integers and booleans; anything else turns the role's pruning off. */
  filters: Readonly<Record<string, readonly Value[]>>;
}

/** Built beside the Parquet file, row group by row group; `finish` gives the bytes of the `.grams` object. */
export interface SidecarBuilder {
  /** Waits, where the work is done elsewhere and does not keep up: memory stays bounded. */
  addRowGroup(group: RowGroupContent): void | Promise<void>;
  finish(): Uint8Array | Promise<Uint8Array>;
  /** Forgets everything. Harmless after `finish`, and twice. */
  abort(): void;
}
