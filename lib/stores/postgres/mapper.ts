import type { Physical } from "@/lib/stores/batch";
import type { ColumnShape } from "@/lib/stores/table";

/** A column as the driver works with it. */
export interface PgColumn extends ColumnShape {
  /** Name of the type below all domains, e.g. `float4`: decides how the value travels. */
  baseType: string;
  /** The declared type without its modifier, for casts: a cast with one would cut silently. */
  castType: string;
  variableWidth: boolean;
}

const PHYSICAL: Readonly<Record<string, Physical>> = {
  int2: "int64",
  int4: "int64",
  int8: "int64",
  float4: "float64",
  float8: "float64",
  bool: "bool",
  timestamp: "timestamp",
  timestamptz: "timestamptz",
  date: "date",
  bytea: "bytes",
};

/** Types without an exact counterpart travel as their text form. */
export const physicalOf = (baseType: string): Physical => PHYSICAL[baseType] ?? "text";

/** The text form of a value, exact: what the digest is made of and what a cast takes back. */
export function textExpression(column: PgColumn, value: string): string {
  switch (column.baseType) {
    case "text":
    case "varchar":
      return value;
    case "float4":
      return `${value}::float8::text`;
    case "bpchar":
      // The cast to text drops trailing blanks; the output function keeps them.
      return `textin(bpcharout(${value}))`;
    default:
      return `${value}::text`;
  }
}

/** The expression whose binary form the copy parser reads for `column.physical`. */
export function transportExpression(column: PgColumn, value: string): string {
  switch (column.physical) {
    case "text":
      return textExpression(column, value);
    case "float64":
      return column.baseType === "float4" ? `${value}::float8` : value;
    default:
      return value;
  }
}
