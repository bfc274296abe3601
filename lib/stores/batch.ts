/**
 * Rows travel through Strata in columns: a driver fills vectors, a segment writer drains them, and no row is
 * ever turned into an object on the way.
 */

/** How a value is held between a driver and a segment. `text` and `bytes` are Uint8Array (UTF-8 / raw). */
export type Physical = "text" | "bytes" | "int64" | "float64" | "bool" | "timestamp" | "timestamptz" | "date";

/** timestamp, timestamptz: microseconds since 1970 UTC; date: days since 1970. Both as bigint. */
export type Value = Uint8Array | bigint | number | boolean | null;

export interface Vector {
  name: string;
  physical: Physical;
  /** The source's own type name, kept in the manifest so that a restore can cast back: `numeric(38,10)`. */
  sourceType: string;
  values: readonly Value[];
  /**
   * Row index → exact text, for values that `physical` cannot hold (infinity, BC dates, NaN decimals…).
   * `values` is null there, or, for an instant in another spelling, the instant itself: segments are cut and searched
   * by it. Empty for nearly every batch.
   */
  exact: ReadonlyMap<number, string>;
}

/** Position after a row in key order: text forms of the time column (when there is one) and of the key. */
export type Cursor = readonly string[];

/**
 * By what a store can tell later that a row has not changed, without reading its content: for that store only, opaque
 * to everyone else. Never a proof: they may be left out or forgotten, and the digests decide.
 */
export interface RowVersions {
  /** What they hold for: versions of different origins do not go together. */
  origin: string;
  /** One per row. */
  rows: readonly string[];
}

/**
 * How rows are laid out in columns. A digest holds for one layout only: a store whose tables have no schema of their
 * own lays rows out by what it finds in them, and is told the layout that earlier digests were taken over.
 */
export type Layout = readonly { name: string; physical: Physical; sourceType: string }[];

export interface Batch {
  rowCount: number;
  vectors: readonly Vector[];
  /** Content digest per row (16 bytes, md5, see `digest.ts`), computed by the source; empty if not asked for. */
  digests: readonly Uint8Array[];
  /** Only if asked for, and where the store has them. */
  versions?: RowVersions;
  /** Bytes of the values in text form: what progress and rates are counted in. */
  sizeBytes: number;
  /** Cursor of the last row: reading on from here yields the rows after it, each once. */
  end: Cursor;
}

/** A key of a row in text form, one entry per key column, in key order. */
export type RowKey = readonly string[];
