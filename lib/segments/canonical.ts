import type { SegmentColumn } from "@/lib/segments/columns";
import { literal } from "@/lib/segments/duckdb";
import type { Physical } from "@/lib/stores/batch";

/**
 * The content digest of a row as stores/digest.ts defines it, said in DuckDB's SQL. DuckDB prints floats and
 * times with zone unlike PostgreSQL; here they are brought to PostgreSQL's form.
 */

/** Names by position: no name of a column, however odd, gets into the SQL, and duplicates but for case work. */
export const positional = (columnCount: number): string[] => [
  ...Array.from({ length: columnCount }, (_, index) => `c${index}`),
  "digest",
  "exact",
];

/** Macros that `canonicalText` needs; run once per connection. */
export const CANONICAL_MACROS = `
CREATE TEMP MACRO strata_shift(digits) AS
  substr(digits, 1, 1) || CASE WHEN length(rtrim(substr(digits, 2), '0')) = 0 THEN ''
    ELSE '.' || rtrim(substr(digits, 2), '0') END || 'e+15';
CREATE TEMP MACRO strata_float(x) AS CASE
  WHEN isnan(x) THEN 'NaN'
  WHEN isinf(x) THEN CASE WHEN x > 0 THEN 'Infinity' ELSE '-Infinity' END
  WHEN abs(x) >= 1e15 AND abs(x) < 1e16 THEN
    CASE WHEN x < 0 THEN '-' ELSE '' END
      || strata_shift(replace(CASE WHEN abs(x)::VARCHAR LIKE '%.0' THEN left(abs(x)::VARCHAR, -2)
                              ELSE abs(x)::VARCHAR END, '.', ''))
  WHEN x::VARCHAR LIKE '%.0' THEN left(x::VARCHAR, -2)
  ELSE x::VARCHAR END;
`;

/** A column's value in PostgreSQL's text form. */
function typedText(name: string, physical: Physical): string {
  switch (physical) {
    case "text":
      return name;
    case "bytes":
      return `'\\x' || lower(hex(${name}))`;
    case "float64":
      return `strata_float(${name})`;
    case "timestamptz":
      return `make_timestamp(epoch_us(${name}))::VARCHAR || '+00'`;
    case "int64":
    case "bool":
    case "timestamp":
    case "date":
      return `${name}::VARCHAR`;
  }
}

export function canonicalText(column: SegmentColumn, index: number, exact: boolean): string {
  const typed = typedText(`c${index}`, column.physical);
  if (!exact) return typed;
  return `coalesce(json_extract_string(exact, ${literal(jsonPointer(column.name))}), ${typed})`;
}

const jsonPointer = (name: string): string => `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** md5 in hex over a row named by `positional`. `concat` skips NULL, which leaves the `:` of a NULL. */
export function rowDigest(columns: readonly SegmentColumn[], exact: boolean): string {
  const parts = columns.map((column, index) => {
    const text = canonicalText(column, index, exact);
    return `strlen(${text}), ':', ${text}`;
  });
  return `md5(concat(${parts.join(", ")}))`;
}
