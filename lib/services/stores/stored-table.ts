/** A table as the sampler left it in `Store.tables`: a TableSummary as JSON. */
export interface StoredTable {
  ref: { schema: string; name: string };
  kind: string;
  rowCount: number | null;
  sizeBytes: number;
  columns: { name: string; type: string }[];
  key: string[] | null;
  /** Values seen in whole-number columns that may hold a time: they tell seconds from milliseconds. */
  seen?: Record<string, number>;
}
