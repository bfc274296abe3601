import type { SchemaElement } from "hyparquet";
import type { Manifest } from "@/lib/segments/segment";
import type { Physical, Value } from "@/lib/stores/batch";
import type { TimeUnit } from "@/lib/stores/table";

export type SegmentColumn = Manifest["columns"][number];

export const DIGEST_COLUMN = "_strata_digest";
export const EXACT_COLUMN = "_strata_exact";

/** The Parquet schema of a segment: the table's columns, the digest, the exact texts. */
export function parquetSchema(columns: readonly SegmentColumn[]): SchemaElement[] {
  return [
    { name: "schema", num_children: columns.length + 2 },
    ...columns.map((column) => element(column.name, column.physical)),
    { name: DIGEST_COLUMN, type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, repetition_type: "REQUIRED" },
    { ...element(EXACT_COLUMN, "text") },
  ];
}

/**
 * Every column is optional, also where the source says NOT NULL: a value that its type cannot hold is null
 * in its column and stands in `_strata_exact`.
 */
function element(name: string, physical: Physical): SchemaElement {
  const optional = { name, repetition_type: "OPTIONAL" } as const;
  switch (physical) {
    case "text":
      return { ...optional, type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } };
    case "bytes":
      return { ...optional, type: "BYTE_ARRAY" };
    case "int64":
      return { ...optional, type: "INT64" };
    case "float64":
      return { ...optional, type: "DOUBLE" };
    case "bool":
      return { ...optional, type: "BOOLEAN" };
    case "date":
      return { ...optional, type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } };
    case "timestamp":
    case "timestamptz":
      return {
        ...optional,
        type: "INT64",
        logical_type: { type: "TIMESTAMP", isAdjustedToUTC: physical === "timestamptz", unit: "MICROS" },
      };
  }
}

/** Days are 32-bit in Parquet and bigint in a vector. */
export const toParquet = (physical: Physical, values: readonly Value[]): Value[] =>
  physical === "date"
    ? values.map((value) => (typeof value === "bigint" ? Number(value) : value))
    : (values as Value[]);

const US_PER: Record<TimeUnit, bigint> = {
  timestamp: 1n,
  timestamptz: 1n,
  us: 1n,
  ms: 1000n,
  s: 1_000_000n,
  date: 86_400_000_000n,
};

/** Microseconds since 1970 UTC of a time value; null for NULL, infinity and what is not a number. */
export const toTimeUs = (value: Value, unit: TimeUnit): bigint | null =>
  typeof value === "bigint" ? value * US_PER[unit] : null;
