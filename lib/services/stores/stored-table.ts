/** A table as the sampler left it in `Store.tables`: a TableSummary as JSON. */
export interface StoredTable {
  ref: { schema: string; name: string };
  kind: "table" | "partitioned" | "partition" | "view" | "foreign";
  rowCount: number | null;
  sizeBytes: number;
  columns: { name: string; type: string }[];
  key: string[] | null;
}
