import type { Physical } from "@/lib/stores/batch";
import { bytesLiteral, literal } from "@/lib/stores/mysql/sql";
import type { ColumnShape } from "@/lib/stores/table";

/** A column as the driver works with it. */
export interface MyColumn extends ColumnShape {
  /** The type's bare name, lower case: `bigint`, `datetime`, `geometry`. */
  dataType: string;
  /** Digits after the second of a time. */
  fractionDigits: number;
  /** Character set and collation of a text; null for anything else. */
  charset: string | null;
  collation: string | null;
  unsigned: boolean;
  zerofill: boolean;
}

const PHYSICAL: Readonly<Record<string, Physical>> = {
  tinyint: "int64",
  smallint: "int64",
  mediumint: "int64",
  int: "int64",
  bigint: "int64",
  bit: "int64",
  datetime: "timestamp",
  timestamp: "timestamptz",
  date: "date",
};

const BYTES =
  /^(binary|varbinary|(tiny|medium|long)?blob|vector|geometry|point|linestring|polygon|multipoint|multilinestring|multipolygon|geometrycollection|geomcollection)$/;

/** Types without an exact counterpart travel as their text form: FLOAT and DOUBLE too, in the server's own digits. */
export const physicalOf = (dataType: string): Physical =>
  PHYSICAL[dataType] ?? (BYTES.test(dataType) ? "bytes" : "text");

/** Character sets whose bytes are UTF-8 as they lie. */
const UTF8 = new Set(["utf8mb4", "utf8mb3", "utf8", "ascii"]);

/** What the reader of `column.physical` gets to see: every value arrives as the text of this expression. */
export function transportSql(column: MyColumn, value: string): string {
  switch (column.dataType) {
    case "bit":
      return `CAST(${value} AS UNSIGNED)`;
    case "float":
      // A FLOAT prints six digits of the seven to nine it has.
      return `CONCAT(CAST(${value} AS DOUBLE))`;
    case "double":
      return `CONCAT(${value})`;
    default:
      return column.zerofill && column.physical === "int64" ? `CAST(${value} AS UNSIGNED)` : value;
  }
}

/**
 * The text form of a value as the digest takes it (stores/digest.ts): bytes of UTF-8. What a column's vector prints
 * must be the same text, digit by digit.
 */
export function textSql(column: MyColumn, value: string): string {
  switch (column.physical) {
    case "bytes":
      return `CONCAT('\\\\x', LOWER(HEX(${value})))`;
    case "timestamp":
      return shortFraction(column, value);
    case "timestamptz":
      return `CONCAT(${shortFraction(column, value)}, '+00')`;
    case "text":
      return plainText(column, value);
    default:
      return transportSql(column, value);
  }
}

/** Texts of other character sets are UTF-8 first: LENGTH counts the bytes of what it is given. */
function plainText(column: MyColumn, value: string): string {
  if (column.charset === null) return transportSql(column, value);
  return UTF8.has(column.charset) ? value : `CONVERT(${value} USING utf8mb4)`;
}

const shortFraction = (column: MyColumn, value: string): string =>
  column.fractionDigits === 0
    ? value
    : `TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM CAST(${value} AS CHAR)))`;

/** A text form as a literal of the column's type: what INSERT takes back exactly, and what a key is compared with. */
export function literalOf(column: MyColumn, text: string): string {
  switch (column.physical) {
    case "int64":
      // Digits only: a quoted '5' would put the character 5 into a BIT.
      return /^-?\d+$/.test(text) ? text : literal(text);
    case "bytes":
      return bytesLiteral(Buffer.from(text.replace(/^\\x/, ""), "hex"));
    case "timestamptz":
      return literal(text.replace(/\+00$/, ""));
    default:
      return literal(text);
  }
}
